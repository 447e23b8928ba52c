-- min: 12
-- encoding: UTF8
-- covers: 6 26
-- about: geometric types with the floats' last digits, text search vectors and queries with quotes, weights and positions

SET client_encoding = 'UTF8';
CREATE TABLE shapes (id integer PRIMARY KEY, pt point, ln line, seg lseg, bx box, open_path path, closed_path path, poly polygon, circ circle);
INSERT INTO shapes VALUES
    (1, '(0,0)', '{1,-1,0}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '((0,0),(1,1),(2,0))', '<(0,0),1>'),
    (2, '(0.1,0.30000000000000004)', '{0.1,0.2,0.3}', '[(0.1,0.2),(0.3,0.4)]', '(0.3,0.4),(0.1,0.2)', '[(1e-300,1e300)]', '((1e-300,1e300))', '((1e-300,1e300))', '<(1e-300,1e300),0.1>'),
    (3, '(NaN,Infinity)', '{0,1,-5}', '[(-Infinity,0),(Infinity,0)]', '(Infinity,Infinity),(-Infinity,-Infinity)', '[(NaN,NaN)]', '((-0,0))', '((1,2),(3,4),(5,6),(7,8))', '<(NaN,NaN),Infinity>'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX shapes_pt ON shapes USING spgist (pt);
CREATE INDEX shapes_poly ON shapes USING gist (poly);

CREATE TABLE searches (id integer PRIMARY KEY, v tsvector, q tsquery);
INSERT INTO searches VALUES
    (1, '', ''),
    (2, 'a:1A b:2B,3C c:16383', 'a & b | !c'),
    (3, $v$'it''s' 'back\\slash' 'with space' 'tab	in'$v$, $q$'it''s' <-> 'with space':*AB$q$),
    (4, to_tsvector('english', 'The quick brown foxes jumped over lazy dogs'), to_tsquery('english', 'fox & jump <2> dog')),
    (5, to_tsvector('simple', '日本語 🐘 naïve'), to_tsquery('simple', 'naïve:*')),
    (6, NULL, NULL);
CREATE INDEX searches_v ON searches USING gin (v);
