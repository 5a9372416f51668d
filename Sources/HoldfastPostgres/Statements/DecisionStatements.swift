// The verdicts of trades, and the deployment's generation.

extension SQL {
    /// Has the trades of a group to itself until it ends: a statement begun after it sees every verdict there is.
    ///
    /// A unique index alone would let a commit find out too late that its trade was decided while it waited. Trades
    /// come before records in every group. 1 one number a trade, sorted.
    static let lockTrades = "SELECT pg_advisory_xact_lock(t.number) FROM unnest($1::bigint[]) AS t (number)"

    /// Decides trades unless they are decided; needs ``lockTrades``.
    ///
    /// 1 deployment; per trade 2 id, 3 verdict. Returns id and verdict of each as it stands.
    static let decide = """
        WITH wanted AS MATERIALIZED (
          SELECT unnest($2::bytea[]) AS trade, unnest($3::text[]) AS verdict
        ), standing AS MATERIALIZED (
          SELECT d.trade, d.verdict
          FROM wanted w JOIN holdfast.decision d ON d.deployment = $1::bigint AND d.trade = w.trade
        ), made AS (
          INSERT INTO holdfast.decision (deployment, trade, verdict, decided_at)
          SELECT $1::bigint, w.trade, w.verdict, \(now) FROM wanted w
          WHERE w.trade NOT IN (SELECT trade FROM standing)
          RETURNING trade, verdict
        )
        SELECT trade, verdict FROM standing UNION ALL SELECT trade, verdict FROM made
        """

    /// Reads the verdict that stands.
    ///
    /// 1 deployment, 2 trade. Returns it, or no row.
    static let verdict = """
        SELECT d.verdict FROM holdfast.decision d WHERE d.deployment = $1::bigint AND d.trade = $2::bytea
        """

    /// The rule of `Deployment.generation(after:now:)`.
    ///
    /// 1 deployment. Returns the new generation.
    static let bumpGeneration = """
        UPDATE holdfast.deployment d SET generation = greatest(d.generation + 1, \(now)) WHERE d.number = $1::bigint
        RETURNING d.generation
        """
}
