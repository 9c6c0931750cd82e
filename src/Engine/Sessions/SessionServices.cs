using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>What all sessions of a process work with.</summary>
internal sealed class SessionServices(
    IChatStore store,
    IChatModels models,
    IOptions<ChatsOptions> options,
    ServerState server,
    ITenantQuotas quotas,
    OrphanedChats orphans,
    ChatTools tools,
    TimeProvider time,
    ILoggerFactory loggers,
    ChatMetrics? metrics = null)
{
    public IChatStore Store { get; } = store;

    public IChatModels Models { get; } = models;

    public ChatsOptions Options { get; } = options.Value;

    public ServerState Server { get; } = server;

    public ITenantQuotas Quotas { get; } = quotas;

    public OrphanedChats Orphans { get; } = orphans;

    public ChatTools Tools { get; } = tools;

    public ToolRunner ToolRunner { get; init; } = new(time, loggers.CreateLogger("GenAI.Chats.Engine.Tools"));

    public EndedTurns EndedTurns { get; } = new(time);

    public TimeProvider Time { get; } = time;

    public ChatMetrics Metrics { get; } = metrics ?? new ChatMetrics();

    public ILogger Log { get; } = loggers.CreateLogger("GenAI.Chats.Engine");
}
