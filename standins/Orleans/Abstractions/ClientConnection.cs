namespace Orleans;

/// <summary>Hears how many silos a client outside of a silo's process is connected to.</summary>
public interface IClusterConnectionStatusObserver
{
    void NotifyClusterConnectionLost();

    void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered);
}

/// <summary>Says whether a client that could not connect tries again.</summary>
public interface IClientConnectionRetryFilter
{
    Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
}
