/// The commit log's table and triggers on PostgreSQL.
///
/// The trigger runs while its transaction holds the row's lock, so the sequence orders the entries of
/// one row as they were committed; entries of two rows may be ordered otherwise.
enum PostgresCommitLog {
    private static let recordExists = "SELECT 1 WHERE to_regclass('holdfast.record') IS NOT NULL"
    private static let create = """
        BEGIN;
        CREATE TABLE IF NOT EXISTS holdfast.commit_log (
            sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            deployment BIGINT NOT NULL, collection TEXT COLLATE "C" NOT NULL, key BYTEA NOT NULL,
            old_version BIGINT, version BIGINT NOT NULL,
            old_fence BIGINT, fence BIGINT NOT NULL,
            old_owner BYTEA, owner BYTEA, save_id BYTEA,
            at BIGINT NOT NULL
        );
        CREATE OR REPLACE FUNCTION holdfast.log_commit() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO holdfast.commit_log (deployment, collection, key, version, fence, owner, save_id, at)
                VALUES (
                    NEW.deployment, NEW.collection, NEW.key, NEW.version, NEW.fence, NEW.owner_nonce, NEW.save_id,
                    (extract(epoch FROM clock_timestamp()) * 1000)::bigint
                );
            ELSE
                INSERT INTO holdfast.commit_log (
                    deployment, collection, key, old_version, version, old_fence, fence, old_owner, owner, save_id,
                    at
                ) VALUES (
                    NEW.deployment, NEW.collection, NEW.key, OLD.version, NEW.version, OLD.fence, NEW.fence,
                    OLD.owner_nonce, NEW.owner_nonce, NEW.save_id,
                    (extract(epoch FROM clock_timestamp()) * 1000)::bigint
                );
            END IF;
            RETURN NULL;
        END
        $body$;
        CREATE OR REPLACE TRIGGER commit_log_insert AFTER INSERT ON holdfast.record
            FOR EACH ROW EXECUTE FUNCTION holdfast.log_commit();
        CREATE OR REPLACE TRIGGER commit_log_update AFTER UPDATE ON holdfast.record
            FOR EACH ROW
            WHEN (
                (OLD.version, OLD.fence, OLD.owner_nonce, OLD.save_id, OLD.checksum)
                IS DISTINCT FROM (NEW.version, NEW.fence, NEW.owner_nonce, NEW.save_id, NEW.checksum)
            )
            EXECUTE FUNCTION holdfast.log_commit();
        COMMIT;
        """
    private static let drop = """
        BEGIN;
        DROP TABLE IF EXISTS holdfast.commit_log;
        DROP FUNCTION IF EXISTS holdfast.log_commit() CASCADE;
        COMMIT;
        """
    private static let schemaExists = "SELECT 1 WHERE to_regnamespace('holdfast') IS NOT NULL"

    static func install(url: String, password: String?) throws(VerifierError) {
        let connection = try PostgresConnection(url: url, password: password)
        guard try connection.hasRow(recordExists) else {
            throw VerifierError(.notFound, "the database is not a migrated store")
        }
        try connection.execute(create)
    }

    static func remove(url: String, password: String?) throws(VerifierError) {
        let connection = try PostgresConnection(url: url, password: password)
        guard try connection.hasRow(schemaExists) else { return }
        try connection.execute(drop)
    }
}
