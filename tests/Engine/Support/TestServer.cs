using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>A process that serves chats: an owner of turns, with the sessions that it has.</summary>
internal sealed class TestServer
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1000);

    private readonly IStorageBackend _store;

    public TestServer(
        IStorageBackend store, ScriptedModel model, TimeProvider time, ChatsOptions options, IEnumerable<RegisteredTool> tools, TestLimits limits, Func<ServerState, ITenantQuotas> newQuotas)
    {
        _store = store;
        Memory = new MemoryMonitor(limits, new TestIdleChats(), () => MemoryUse, () => MemoryUse = MemoryUse with { Collections = MemoryUse.Collections + 1 }, time, NullLogger.Instance);
        State = new ServerState(new TurnSlots(time, limits, Memory), time);
        Quotas = newQuotas(State);
        Sessions = TestSessions.Create(store, model, options, State, Quotas, new ChatTools(tools, new ToolRunner(time, NullLogger<ToolRunner>.Instance), Options.Create(options)));
        Beat(Forever);
    }

    public ServerState State { get; }

    public ITenantQuotas Quotas { get; }

    public MemoryMonitor Memory { get; }

    /// <summary>What the server finds when it looks at its memory.</summary>
    public MemoryUse MemoryUse { get; set; } = new(1, 100, 0);

    public ChatSessionFactory Sessions { get; }

    /// <summary>The server lives, and stops what must stop.</summary>
    public void Beat(TimeSpan lifetime)
    {
        var beat = _store.HeartbeatAsync(State.Owner, lifetime);
        Done(beat);
        foreach (var stopped in beat.Result)
        {
            State.Turns.Stop(stopped);
        }
    }

    /// <summary>Takes the chats that the server is to wake.</summary>
    public IEnumerable<ChatKey> TakeOrphans() => State.Orphans.Take().Select(orphan => orphan.Key);

    /// <summary>The server is gone.</summary>
    public void Leave() => Done(_store.LeaveAsync(State.Owner));

    /// <summary>Activates a chat here.</summary>
    public async Task<TestSession> OpenAsync(string chatId = ChatWorld.ChatId, string tenant = ChatWorld.Tenant)
    {
        var session = new TestSession(new ChatKey(tenant, chatId), Sessions);
        await session.CallAsync(async s =>
        {
            await s.OpenAsync(CancellationToken.None);
            return true;
        });
        return session;
    }

    // The store in memory is done at once.
    private static void Done(Task task) => Assert.True(task.IsCompletedSuccessfully);
}
