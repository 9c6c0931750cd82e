namespace GenAI.Chats.Grains.Tests.Serialization;

/// <summary>Passes on messages between silos and returns them.</summary>
public interface IEchoGrain<T> : IGrainWithStringKey
{
    /// <summary>Returns a message after it went to another silo and back.</summary>
    Task<Echoed<T>> RelayAsync(T message);

    /// <summary>Returns a message as a value of no declared type, and the silo that did.</summary>
    Task<Echoed<object>> EchoAsync(object message);
}

/// <summary>A message, and the silos that had it.</summary>
[GenerateSerializer]
public sealed record Echoed<T>([property: Id(0)] T Message, [property: Id(1)] string[] Silos);

internal sealed class EchoGrain<T>(IGrainFactory grains, ILocalSiloDetails silo) : Orleans.Grain, IEchoGrain<T>
{
    public async Task<Echoed<T>> RelayAsync(T message)
    {
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, hosts.Keys.First(host => !host.Equals(silo.SiloAddress)));
        var echo = await grains.GetGrain<IEchoGrain<T>>($"{this.GetPrimaryKeyString()}-there").EchoAsync(message!);
        return new Echoed<T>((T)echo.Message, [silo.SiloAddress.ToString(), .. echo.Silos]);
    }

    public Task<Echoed<object>> EchoAsync(object message) => Task.FromResult(new Echoed<object>(message, [silo.SiloAddress.ToString()]));
}
