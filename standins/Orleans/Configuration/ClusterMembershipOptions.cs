namespace Orleans.Configuration;

/// <summary>How silos watch each other. One silo has none to watch; the options are there to be set.</summary>
public class ClusterMembershipOptions
{
    public int NumMissedTableIAmAliveLimit { get; set; } = 3;

    public bool LivenessEnabled { get; set; } = true;

    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

    public bool UseLivenessGossip { get; set; } = true;

    public int NumProbedSilos { get; set; } = 10;

    public int NumMissedProbesLimit { get; set; } = 3;

    public int NumVotesForDeathDeclaration { get; set; } = 2;

    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);

    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);

    public bool ExtendProbeTimeoutDuringDegradation { get; set; } = true;

    public bool EnableIndirectProbes { get; set; } = true;
}
