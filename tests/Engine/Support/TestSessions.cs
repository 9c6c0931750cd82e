using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>Sessions as a host creates them.</summary>
internal static class TestSessions
{
    public static ChatSessionFactory Create(
        IChatStore store, IChatModels models, ChatsOptions options, ServerState server, ITenantQuotas quotas, ChatTools tools)
    {
        var metrics = new ChatMetrics();
        var attempts = new TurnAttempts(models, tools, Options.Create(options), server.Slots, metrics, NullLogger<TurnAttempts>.Instance);
        return new ChatSessionFactory(
            new StoreReader(store, NullLogger<StoreReader>.Instance), attempts, server, quotas, Options.Create(options), metrics, NullLogger<ChatSession>.Instance);
    }
}
