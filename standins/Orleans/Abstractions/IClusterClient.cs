namespace Orleans;

/// <summary>Calls the grains of a cluster.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}
