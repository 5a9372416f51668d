--
-- PostgreSQL database dump
--

\restrict ZF7a9Uh9gBEN6aEFvk8CtCXOZxuKDxU7Mreo4zinAY4fU62gaFDry6jaouxbkcZ

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
-- Data for Name: deployment; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.deployment (number, name, id, lease_millis, renew_millis, beat_millis, created_at) FROM stdin;
1	frozen-sql	\\xa40b466d3fab82bb2b84caaafb775776	30000	10000	50	1795231628140
\.


--
-- Data for Name: layout; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.layout (schema, minimum_reader) FROM stdin;
1	1
\.


--
-- Data for Name: operation; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.operation (sequence, deployment, collection, key, id, type, payload, state, attempts, last_error, delivered_at, finished_at) FROM stdin;
1	1	players	\\x31	\\x6170706c696564	grant.coins	\\x7b22636f696e73223a3235307d	applied	1	\N	1795231628175	1795231628181
2	1	players	\\x33	\\x70656e64696e67	grant.coins	\\x7b22636f696e73223a34307d	pending	0	\N	1795231628184	\N
\.


--
-- Data for Name: record; Type: TABLE DATA; Schema: holdfast; Owner: -
--

COPY holdfast.record (deployment, collection, key, version, fence, owner_nonce, owner_server, owner_boot, save_id, schema, payload, checksum, document_bytes, user_ids, metadata, created_at, updated_at) FROM stdin;
1	players	\\xc3a9207b3a2a7d	1	1	\N	\N	\N	\\x23784bd0277a8248f56afc65f444d54b	1	\\x007b22636f696e73223a372c22696e76656e746f7279223a5b5d2c2272657761726473223a307d	4160744989505470201	38	[]	\N	1795231628171	1795231628171
1	players	\\x31	2	2	\\x8ac7d711609275856fa21e06a0af05b5	a	\\x754619341afc0ac921c42a212d1d083f	\\x3af2e95970dbc71c7a5fb4005746bda4	1	\\x007b22636f696e73223a3335302c22696e76656e746f7279223a5b2253776f7264225d2c2272657761726473223a317d	-2776492214372263473	47	[]	\N	1795231628161	1795231628181
1	players	\\x34	2	2	\N	\N	\N	\\xf688a0099734d6ad2683618f648ba297	\N	\N	\N	\N	\N	\N	1795231628188	1795231628190
1	players	\\x35	1	1	\\xb8ce4f3a60934df8548b5d503c675c78	a	\\x754619341afc0ac921c42a212d1d083f	\\x986dd7aa0d209bd4477010be0e5ea373	1	\\x007b22636f696e73223a352c22696e76656e746f7279223a5b5d2c2272657761726473223a307d	-7190355414947910298	38	["5"]	\N	1795231628199	1795231628199
\.


--
-- Name: deployment_number_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.deployment_number_seq', 1, true);


--
-- Name: operation_sequence_seq; Type: SEQUENCE SET; Schema: holdfast; Owner: -
--

SELECT pg_catalog.setval('holdfast.operation_sequence_seq', 2, true);


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
-- Name: operation_pending; Type: INDEX; Schema: holdfast; Owner: -
--

CREATE INDEX operation_pending ON holdfast.operation USING btree (deployment, collection, key, sequence) WHERE (state = 'pending'::text);


--
-- PostgreSQL database dump complete
--

\unrestrict ZF7a9Uh9gBEN6aEFvk8CtCXOZxuKDxU7Mreo4zinAY4fU62gaFDry6jaouxbkcZ

