namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// The statements that Orleans' ADO.NET clustering provider reads from its database, by key. The provider defines their parameters, columns, and results. A
/// silo's row and the cluster's version change in one statement, so that the change is atomic.
/// </summary>
internal static class PostgresClusterStatements
{
    /// <summary>The start of each statement, which marks it as this service's.</summary>
    public const string Mark = "/* chats */";

    private const string ThisSilo = "s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation";

    // A cluster without silos has one row with only the version.
    private const string Rows = $"""
        {Mark} SELECT c.cluster_id AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
            s.host_name AS HostName, s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started AS StartTime,
            s.alive AS IAmAliveTime, c.version AS Version
        FROM chats_cluster c LEFT JOIN chats_cluster_silo s ON s.cluster_id = c.cluster_id
        """;

    private const string NextVersion = "UPDATE chats_cluster SET version = version + 1 WHERE cluster_id = @DeploymentId AND version = @Version";

    /// <summary>The statements by key.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["InsertMembershipVersionKey"] = $"""
            {Mark} WITH added AS (INSERT INTO chats_cluster (cluster_id, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT EXISTS (SELECT FROM added)
            """,
        ["InsertMembershipKey"] = $"""
            {Mark} WITH moved AS ({NextVersion} AND NOT EXISTS (SELECT FROM chats_cluster_silo s WHERE {ThisSilo}) RETURNING cluster_id),
            added AS (
                INSERT INTO chats_cluster_silo (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started, alive)
                SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM moved
                RETURNING 1)
            SELECT EXISTS (SELECT FROM added)
            """,
        ["UpdateMembershipKey"] = $"""
            {Mark} WITH moved AS ({NextVersion} AND EXISTS (SELECT FROM chats_cluster_silo s WHERE {ThisSilo}) RETURNING cluster_id),
            changed AS (
                UPDATE chats_cluster_silo s SET status = @Status, suspicions = @SuspectTimes, alive = @IAmAliveTime
                FROM moved WHERE {ThisSilo}
                RETURNING 1)
            SELECT EXISTS (SELECT FROM changed)
            """,
        ["UpdateIAmAlivetimeKey"] = $"{Mark} UPDATE chats_cluster_silo s SET alive = @IAmAliveTime WHERE {ThisSilo}",
        ["MembershipReadRowKey"] = $"{Rows} AND {ThisSilo} WHERE c.cluster_id = @DeploymentId",
        ["MembershipReadAllKey"] = $"{Rows} WHERE c.cluster_id = @DeploymentId",
        ["GatewaysQueryKey"] = $"""
            {Mark} SELECT s.address AS Address, s.gateway_port AS ProxyPort, s.generation AS Generation
            FROM chats_cluster_silo s WHERE s.cluster_id = @DeploymentId AND s.status = @Status AND s.gateway_port > 0
            """,

        // Status 3 is active.
        ["CleanupDefunctSiloEntriesKey"] =
            $"{Mark} DELETE FROM chats_cluster_silo WHERE cluster_id = @DeploymentId AND alive < @IAmAliveTime AND status <> 3",
        ["DeleteMembershipTableEntriesKey"] = $"""
            {Mark} WITH silos AS (DELETE FROM chats_cluster_silo WHERE cluster_id = @DeploymentId)
            DELETE FROM chats_cluster WHERE cluster_id = @DeploymentId
            """,
    };
}
