using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

public sealed class InProcessTestClusterOptions
{
    public string ClusterId { get; set; } = "";

    public string ServiceId { get; set; } = "";

    /// <summary>How many silos are deployed. More than one needs the package Microsoft.Orleans.TestingHost.</summary>
    public short InitialSilosCount { get; set; }

    public bool UseDistributedGrainDirectory { get; set; }

    public bool InitializeClientOnDeploy { get; set; } = true;

    public bool ConfigureFileLogging { get; set; } = true;

    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];

    public List<Action<IHostApplicationBuilder>> ClientHostConfigurationDelegates { get; } = [];
}

public sealed class InProcessTestSiloSpecificOptions
{
    public string SiloName { get; set; } = "";

    public int SiloPort { get; set; }

    public int GatewayPort { get; set; }
}
