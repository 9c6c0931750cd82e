namespace Grpc.AspNetCore.HealthChecks;

/// <summary>How .NET health checks become the status of gRPC services.</summary>
public sealed class GrpcHealthChecksOptions
{
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>Answer with what the periodic run of the health checks found last, instead of running them for each call.</summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>Leave watches open while the server stops, instead of ending them with NOT_SERVING.</summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}
