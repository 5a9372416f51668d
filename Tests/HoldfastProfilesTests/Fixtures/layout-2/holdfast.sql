--
-- PostgreSQL database dump
--

\restrict qrdSlU8i6RpcgFT7dR3YFIkvRhCfOXfvgGxHyhXHk1RoC2bR2z8nFK8dkRGKfV3

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


SET default_tablespace = '';

SET default_table_access_method = heap;

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
    created_at bigint NOT NULL
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
    finished_at bigint
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
-- Data for Name: definition; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.definition (deployment, name, version, updated_at, value) FROM stdin;
1	\\x626f6172643a6172656e61	2	1795253978122	\\x7b2261223a317d
1	\\x626f6172643a676f6e65	2	1795253978123	\N
\.


--
-- Data for Name: deployment; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.deployment (number, name, id, lease_millis, renew_millis, beat_millis, created_at) FROM stdin;
1	frozen-2	\\x233f2d27c4cbbce980b4d5fbfa4eb955	30000	10000	1000	1795253978093
\.


--
-- Data for Name: layout; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.layout (schema, minimum_reader) FROM stdin;
2	1
\.


--
-- Data for Name: log_entry; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.log_entry (space, sequence, id, priority, created_at, expires_at, value) FROM stdin;
2	1	\\x00000000000000070000000000000000	0	1795253978100	\N	\\x6f6e65
2	3	\\x00000000000000070000000000000002	1	1795253978100	\N	\\x7468726565
\.


--
-- Data for Name: operation; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.operation (sequence, deployment, collection, key, id, type, payload, state, attempts, last_error, delivered_at, finished_at) FROM stdin;
\.


--
-- Data for Name: record; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.record (deployment, collection, key, version, fence, owner_nonce, owner_server, owner_boot, save_id, schema, payload, checksum, document_bytes, user_ids, metadata, created_at, updated_at) FROM stdin;
1	players	\\x706961	1	5	\\x00000000000000010000000000000002	frozen	\\x00000000000000030000000000000004	\\x22a553f2076aedb22f42864377e6b04a	1	\\x007b2273636f7265223a34307d	2333141771198656377	12	[]	\N	1795253978117	1795253978117
\.


--
-- Data for Name: score; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.score (space, member, score, subscore, submissions, change, reached, record_version, updated_at, removed, metadata) FROM stdin;
4	\\x616e6e	9223372036854775807	-9223372036854775808	1	1	1	\N	1795253978112	0	\\x7b226e616d65223a22416e6e227d
4	\\x62656e	-3	9	2	3	3	\N	1795253978112	0	\N
4	\\x636174	0	0	0	4	0	\N	1795253978112	0	\N
4	\\x64616e	0	0	0	6	6	\N	1795253978112	1	\N
4	\\x706961	40	0	1	7	7	1	1795253978120	0	\N
\.


--
-- Data for Name: score_batch; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.score_batch (deployment, id, created_at, refused) FROM stdin;
1	\\xd8afe92669ccd4b6c32a826a1a980402	1795253978107	\N
\.


--
-- Data for Name: space; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.space (number, deployment, kind, name, generation, last, count) FROM stdin;
2	1	1	\\x71756575653a6f726465727320c3a9	\\x70e9af5cf3054a11d86c04021d731f56	3	2
4	1	2	\\x626f6172643a6172656e613a303030303030303030303030303030	\\x0437bb200bffa853b2a940db4ea0c8c0	7	4
\.


--
-- Name: deployment_number_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.deployment_number_seq', 1, true);


--
-- Name: operation_sequence_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.operation_sequence_seq', 1, false);


--
-- Name: space_number_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.space_number_seq', 5, true);


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
-- Name: log_entry_expiry; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX log_entry_expiry ON holdfast.log_entry USING btree (space, expires_at) WHERE (expires_at IS NOT NULL);


--
-- Name: operation_pending; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_pending ON holdfast.operation USING btree (deployment, collection, key, sequence) WHERE (state = 'pending'::text);


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
-- PostgreSQL database dump complete
--

\unrestrict qrdSlU8i6RpcgFT7dR3YFIkvRhCfOXfvgGxHyhXHk1RoC2bR2z8nFK8dkRGKfV3

