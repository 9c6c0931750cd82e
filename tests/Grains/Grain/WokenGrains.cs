using System.Collections.Concurrent;
using System.Reflection;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>A cluster whose chats do nothing when they are woken, as chats do that wait for a place on a server.</summary>
public class WokenGrains : DispatchProxy
{
    private string _key = "";
    private ConcurrentQueue<ChatKey> _woken = null!;

    internal static IGrainFactory Of(ConcurrentQueue<ChatKey> woken) => Of<IGrainFactory>("", woken);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IGrainFactory.GetGrain))
        {
            return Of<IChatGrain>((string)args![0]!, _woken);
        }

        Assert.Equal(nameof(IChatGrain.WakeAsync), targetMethod.Name);
        _woken.Enqueue(ChatKey.Parse(_key));
        return Task.CompletedTask;
    }

    private static T Of<T>(string key, ConcurrentQueue<ChatKey> woken)
        where T : class
    {
        var proxy = Create<T, WokenGrains>();
        var self = (WokenGrains)(object)proxy;
        (self._key, self._woken) = (key, woken);
        return proxy;
    }
}
