namespace GenAI.Chats.Api.Turns;

/// <summary>Creates references to the grains of an interface. From a key alone, Orleans looks up the interface's types by reflection for each reference.</summary>
internal sealed class GrainReferences<T>(IGrainFactory grains)
    where T : class, IGrainWithStringKey
{
    private Types? _types;

    /// <summary>Returns a reference to the grain that has a key.</summary>
    public T Get(string key)
    {
        if (_types is { } known)
        {
            return (T)grains.GetGrain(GrainId.Create(known.Grain, key), known.Interface);
        }

        var grain = grains.GetGrain<T>(key);
        _types = grain is GrainReference reference ? new Types(reference.GrainId.Type, reference.InterfaceType) : null;
        return grain;
    }

    private sealed record Types(GrainType Grain, GrainInterfaceType Interface);
}
