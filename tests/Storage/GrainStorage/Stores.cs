using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.GrainStorage.Heads;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>Stores over providers of the tests.</summary>
internal static class Stores
{
    /// <summary>So small that short logs have pages and branches, and small payloads records of their own.</summary>
    public static HeadLimits Small { get; } = new() { PageTurns = 2, NodeRefs = 3, InlineBytes = 60, PartBytes = 50 };

    public static GrainStorageChatStore Create(IGrainStorageSource provider, TimeProvider time, HeadLimits? limits = null) =>
        new(provider, time, NullLogger<GrainStorageChatStore>.Instance) { Limits = limits ?? new HeadLimits() };

    public static async Task<GrainStorageChatStore> OpenAsync(IGrainStorageSource provider, TimeProvider time, HeadLimits? limits = null)
    {
        var store = Create(provider, time, limits);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }
}
