namespace Orleans.Configuration;

/// <summary>How clients outside of a silo's process find silos. There are none here; the options are there to be set.</summary>
public class GatewayOptions
{
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}
