namespace Orleans.Configuration;

/// <summary>Where grains are found. One silo finds them in its own memory; the options are there to be set.</summary>
public class GrainDirectoryOptions
{
    public static readonly TimeSpan DEFAULT_RANGE_LEASE_DURATION = TimeSpan.FromSeconds(30);

    public const int DEFAULT_PARTITIONS_PER_SILO = 1;

    public TimeSpan RangeLeaseDuration { get; set; } = DEFAULT_RANGE_LEASE_DURATION;

    public int PartitionsPerSilo { get; set; } = DEFAULT_PARTITIONS_PER_SILO;
}
