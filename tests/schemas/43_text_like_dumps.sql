-- min: 12
-- covers: 43 49
-- about: rows, comments and defaults whose text is that of a dump's own marks, so that whatever splits a dump by lines goes wrong

CREATE TABLE traps (id integer PRIMARY KEY, body text DEFAULT E'\n\\.\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: x\n--\n');
INSERT INTO traps (id) VALUES (0);
INSERT INTO traps VALUES
    (1, E'COPY public.traps (id, body) FROM stdin;\n1\tx\n\\.\n'),
    (2, E'\\restrict XyZ\n\\unrestrict XyZ'),
    (3, E'--\n-- Data for Name: traps; Type: TABLE DATA; Schema: public; Owner: postgres\n--\n'),
    (4, E'\n\n\n--\n-- PostgreSQL database dump complete\n--\n'),
    (5, E'CREATE TABLE public.injected (id integer);'),
    (6, E'\\connect template1'),
    (7, E'ALTER TABLE ONLY public.traps\n    ADD CONSTRAINT fake PRIMARY KEY (id);'),
    (8, E'$$ $_$ $body$'),
    (9, E'SELECT pg_catalog.setval(''public.s'', 1, true);'),
    (10, E'{"type":"result","status":"ok"}\n{"v":1}');
COMMENT ON TABLE traps IS E'--\n-- Name: fake; Type: TABLE; Schema: public; Owner: nobody\n--\n\nCREATE TABLE public.fake ();\n\\.\n';
COMMENT ON COLUMN traps.body IS E'COPY public.traps FROM stdin;\n\\.';
COMMENT ON SCHEMA public IS E'standard ''public'' schema;\n-- or so';
CREATE VIEW trap_view AS SELECT E'\n--\n-- Name: fake_view; Type: VIEW; Schema: public\n--\n\\.\nCOPY x FROM stdin;\n'::text AS t;
ALTER TABLE traps ADD CONSTRAINT trap_check CHECK (body <> E';\n\\.\nDROP TABLE traps;');
-- A name whose lines are comments of a dump.
CREATE TABLE "x
--
-- Name: y; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.y (
" (id integer);
INSERT INTO "x
--
-- Name: y; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.y (
" VALUES (1);
