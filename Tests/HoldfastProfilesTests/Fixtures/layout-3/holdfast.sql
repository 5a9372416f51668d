--
-- PostgreSQL database dump
--

\restrict KmHWZr7e8x39qLeTO02SsC51CjS0oIx0Kxt6Natvj7EY1driIKgzJ1K2LsRtqRS

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: holdfast; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA holdfast;


--
-- Name: remove_parts(); Type: FUNCTION; Schema: holdfast; Owner: -
--

CREATE FUNCTION holdfast.remove_parts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  DELETE FROM holdfast.part p
  WHERE p.deployment = OLD.deployment AND p.collection = OLD.collection AND p.key = OLD.key;
  RETURN NULL;
END $$;


--
-- Name: user_ids(text); Type: FUNCTION; Schema: holdfast; Owner: -
--

CREATE FUNCTION holdfast.user_ids(list text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT array_agg(left(u.id, 600)) FROM (SELECT m[1] AS id FROM regexp_matches(list, '"(?:[^"\\]|\\.)*"', 'g') AS m) AS u $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: decision; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.decision (
    deployment bigint NOT NULL,
    trade bytea NOT NULL,
    verdict text NOT NULL COLLATE pg_catalog."C",
    decided_at bigint NOT NULL
);


--
-- Name: definition; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.definition (
    deployment bigint NOT NULL,
    name bytea NOT NULL,
    version bigint NOT NULL,
    updated_at bigint NOT NULL,
    value bytea
);


--
-- Name: deployment; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.deployment (
    number bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    id bytea NOT NULL,
    lease_millis bigint NOT NULL,
    renew_millis bigint NOT NULL,
    beat_millis bigint NOT NULL,
    created_at bigint NOT NULL,
    generation bigint DEFAULT 0 NOT NULL
);


--
-- Name: deployment_number_seq; Type: SEQUENCE; Schema: holdfast; Owner: -
--

ALTER TABLE holdfast.deployment ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME holdfast.deployment_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: erasure; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.erasure (
    deployment bigint NOT NULL,
    user_id bytea NOT NULL,
    remembered_at bigint NOT NULL
);


--
-- Name: history; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.history (
    deployment bigint NOT NULL,
    collection text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    version bigint NOT NULL,
    schema bigint,
    payload bytea NOT NULL,
    checksum bigint,
    document_bytes bigint,
    user_ids text COLLATE pg_catalog."C",
    metadata bytea,
    updated_at bigint NOT NULL,
    replaced_at bigint NOT NULL,
    reason text COLLATE pg_catalog."C",
    deletion bigint NOT NULL
);
ALTER TABLE ONLY holdfast.history ALTER COLUMN payload SET STORAGE EXTERNAL;


--
-- Name: layout; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.layout (
    schema bigint NOT NULL,
    minimum_reader bigint NOT NULL
);


--
-- Name: log_entry; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.log_entry (
    space bigint NOT NULL,
    sequence bigint NOT NULL,
    id bytea NOT NULL,
    priority double precision NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    value bytea NOT NULL
);


--
-- Name: operation; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.operation (
    sequence bigint NOT NULL,
    deployment bigint NOT NULL,
    collection text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    payload bytea NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempts bigint NOT NULL,
    last_error text,
    delivered_at bigint NOT NULL,
    finished_at bigint,
    expires_at bigint,
    due_at bigint,
    progress bytea
);


--
-- Name: operation_sequence_seq; Type: SEQUENCE; Schema: holdfast; Owner: -
--

ALTER TABLE holdfast.operation ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME holdfast.operation_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: part; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.part (
    deployment bigint NOT NULL,
    collection text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    name bytea NOT NULL,
    version bigint NOT NULL,
    payload bytea NOT NULL,
    checksum bigint NOT NULL
)
WITH (fillfactor='80');
ALTER TABLE ONLY holdfast.part ALTER COLUMN payload SET STORAGE EXTERNAL;


--
-- Name: record; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.record (
    deployment bigint NOT NULL,
    collection text NOT NULL COLLATE pg_catalog."C",
    key bytea NOT NULL,
    version bigint NOT NULL,
    fence bigint NOT NULL,
    owner_nonce bytea,
    owner_server text COLLATE pg_catalog."C",
    owner_boot bytea,
    save_id bytea,
    schema bigint,
    payload bytea,
    checksum bigint,
    document_bytes bigint,
    user_ids text COLLATE pg_catalog."C",
    metadata bytea,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
)
WITH (fillfactor='80');
ALTER TABLE ONLY holdfast.record ALTER COLUMN payload SET STORAGE EXTERNAL;


--
-- Name: score; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.score (
    space bigint NOT NULL,
    member bytea NOT NULL,
    score bigint NOT NULL,
    subscore bigint NOT NULL,
    submissions bigint NOT NULL,
    change bigint NOT NULL,
    reached bigint NOT NULL,
    record_version bigint,
    updated_at bigint NOT NULL,
    removed bigint NOT NULL,
    metadata bytea
);


--
-- Name: score_batch; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.score_batch (
    deployment bigint NOT NULL,
    id bytea NOT NULL,
    created_at bigint NOT NULL,
    refused bigint[]
);


--
-- Name: space; Type: TABLE; Schema: holdfast; Owner: -
--

CREATE TABLE holdfast.space (
    number bigint NOT NULL,
    deployment bigint NOT NULL,
    kind bigint NOT NULL,
    name bytea,
    generation bytea NOT NULL,
    last bigint NOT NULL,
    count bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: space_number_seq; Type: SEQUENCE; Schema: holdfast; Owner: -
--

ALTER TABLE holdfast.space ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME holdfast.space_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Data for Name: decision; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.decision (deployment, trade, verdict, decided_at) FROM stdin;
1	\\x00000000000000050000000000000006	committed	1795275995792
\.


--
-- Data for Name: definition; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.definition (deployment, name, version, updated_at, value) FROM stdin;
\.


--
-- Data for Name: deployment; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.deployment (number, name, id, lease_millis, renew_millis, beat_millis, created_at, generation) FROM stdin;
1	frozen-3	\\x06c458807d07d6cbe34218274623efef	30000	10000	1000	1795275995712	1795275995717
\.


--
-- Data for Name: erasure; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.erasure (deployment, user_id, remembered_at) FROM stdin;
1	\\x676f6e6520c3a9	1795275995804
\.


--
-- Data for Name: history; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.history (deployment, collection, key, version, schema, payload, checksum, document_bytes, user_ids, metadata, updated_at, replaced_at, reason, deletion) FROM stdin;
1	worlds	\\xc3a9207b3a2a7d	1	2	\\x007b226e756d626572223a317d	-2333095770904643384	12	["ann","é"]	\\x7b226d223a317d	1795275995754	1795275995775	save 2	0
1	worlds	\\xc3a9207b3a2a7d	2	2	\\x007b226e756d626572223a327d	5727814267505614586	12	["ann","é"]	\\x7b226d223a317d	1795275995775	1795275995792	save 3	0
\.


--
-- Data for Name: layout; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.layout (schema, minimum_reader) FROM stdin;
3	1
\.


--
-- Data for Name: log_entry; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.log_entry (space, sequence, id, priority, created_at, expires_at, value) FROM stdin;
1	1	\\x00000000000000090000000000000001	0	1795275995763	\N	\\x636f696e
1	2	\\x00000000000000090000000000000002	0	1795275995778	\N	\\x636f696e
1	3	\\x00000000000000090000000000000003	0	1795275995794	\N	\\x636f696e
\.


--
-- Data for Name: operation; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.operation (sequence, deployment, collection, key, id, type, payload, state, attempts, last_error, delivered_at, finished_at, expires_at, due_at, progress) FROM stdin;
1	1	worlds	\\xc3a9207b3a2a7d	\\x70656e64696e67	reward	\\x7b7d	pending	0	\N	1795275995734	\N	1829835995734	\N	\N
2	1	worlds	\\xc3a9207b3a2a7d	\\x73746570706564	reward	\\x7b7d	pending	0	\N	1795275995741	\N	\N	\N	\\x7b2273746570223a317d
3	1	worlds	\\xc3a9207b3a2a7d	\\x64656164	reward	\\x7b7d	dead	3	broken	1795275995745	1795275995792	\N	\N	\N
\.


--
-- Data for Name: part; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.part (deployment, collection, key, name, version, payload, checksum) FROM stdin;
1	worlds	\\xc3a9207b3a2a7d	\\x303a30	1	\\x6368756e6b	7820490322360830292
1	worlds	\\xc3a9207b3a2a7d	\\x313a31	2	\\x6e6577	1247631298124474837
\.


--
-- Data for Name: record; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.record (deployment, collection, key, version, fence, owner_nonce, owner_server, owner_boot, save_id, schema, payload, checksum, document_bytes, user_ids, metadata, created_at, updated_at) FROM stdin;
1	worlds	\\xc3a9207b3a2a7d	3	5	\\x00000000000000010000000000000002	frozen	\\x00000000000000030000000000000004	\\x10dd30b45df2a00635eedf331b6b0864	2	\\x007b226e756d626572223a337d	12657990153164986	12	["ann","é"]	\\x7b226d223a317d	1795275995754	1795275995792
\.


--
-- Data for Name: score; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.score (space, member, score, subscore, submissions, change, reached, record_version, updated_at, removed, metadata) FROM stdin;
\.


--
-- Data for Name: score_batch; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.score_batch (deployment, id, created_at, refused) FROM stdin;
\.


--
-- Data for Name: space; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.space (number, deployment, kind, name, generation, last, count) FROM stdin;
1	1	1	\\x6c65646765723a636f696e73	\\xc7bdc21883515562f7ded3d033d23709	3	3
\.


--
-- Name: deployment_number_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.deployment_number_seq', 1, true);


--
-- Name: operation_sequence_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.operation_sequence_seq', 3, true);


--
-- Name: space_number_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.space_number_seq', 3, true);


--
-- Name: decision decision_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (deployment, trade);


--
-- Name: definition definition_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.definition
    ADD CONSTRAINT definition_pkey PRIMARY KEY (deployment, name);


--
-- Name: deployment deployment_name_key; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.deployment
    ADD CONSTRAINT deployment_name_key UNIQUE (name);


--
-- Name: deployment deployment_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (number);


--
-- Name: erasure erasure_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (deployment, user_id);


--
-- Name: history history_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (deployment, collection, key, version);


--
-- Name: log_entry log_entry_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.log_entry
    ADD CONSTRAINT log_entry_pkey PRIMARY KEY (space, sequence);


--
-- Name: log_entry log_entry_space_id_key; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.log_entry
    ADD CONSTRAINT log_entry_space_id_key UNIQUE (space, id);


--
-- Name: operation operation_deployment_collection_key_id_key; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.operation
    ADD CONSTRAINT operation_deployment_collection_key_id_key UNIQUE (deployment, collection, key, id);


--
-- Name: operation operation_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (sequence);


--
-- Name: part part_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (deployment, collection, key, name);


--
-- Name: record record_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (deployment, collection, key);


--
-- Name: score_batch score_batch_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.score_batch
    ADD CONSTRAINT score_batch_pkey PRIMARY KEY (deployment, id);


--
-- Name: score score_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.score
    ADD CONSTRAINT score_pkey PRIMARY KEY (space, member);


--
-- Name: score score_space_change_key; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.score
    ADD CONSTRAINT score_space_change_key UNIQUE (space, change);


--
-- Name: space space_pkey; Type: CONSTRAINT; Schema: holdfast; Owner: -
--

ALTER TABLE ONLY holdfast.space
    ADD CONSTRAINT space_pkey PRIMARY KEY (number);


--
-- Name: history_age; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX history_age ON holdfast.history USING btree (deployment, replaced_at);


--
-- Name: log_entry_expiry; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX log_entry_expiry ON holdfast.log_entry USING btree (space, expires_at) WHERE (expires_at IS NOT NULL);


--
-- Name: operation_dead; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_dead ON holdfast.operation USING btree (deployment, collection, sequence) WHERE (state = 'dead'::text);


--
-- Name: operation_id; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_id ON holdfast.operation USING btree (deployment, id, sequence);


--
-- Name: operation_pending; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_pending ON holdfast.operation USING btree (deployment, collection, key, sequence) WHERE (state = 'pending'::text);


--
-- Name: operation_receipt; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_receipt ON holdfast.operation USING btree (deployment, finished_at) WHERE ((state = ANY (ARRAY['applied'::text, 'cancelled'::text, 'expired'::text])) AND (payload <> '\x'::bytea));


--
-- Name: record_users; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX record_users ON holdfast.record USING gin (holdfast.user_ids(user_ids)) WHERE (user_ids <> '[]'::text);


--
-- Name: score_batch_age; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX score_batch_age ON holdfast.score_batch USING btree (created_at);


--
-- Name: space_dropped; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX space_dropped ON holdfast.space USING btree (number) WHERE (name IS NULL);


--
-- Name: space_name; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE UNIQUE INDEX space_name ON holdfast.space USING btree (deployment, kind, name) WHERE (name IS NOT NULL);


--
-- Name: record record_part_removed; Type: TRIGGER; Schema: holdfast; Owner: -
--

CREATE TRIGGER record_part_removed AFTER UPDATE ON holdfast.record FOR EACH ROW WHEN (((old.payload IS NOT NULL) AND (new.payload IS NULL))) EXECUTE FUNCTION holdfast.remove_parts();


--
-- PostgreSQL database dump complete
--

\unrestrict KmHWZr7e8x39qLeTO02SsC51CjS0oIx0Kxt6Natvj7EY1driIKgzJ1K2LsRtqRS

