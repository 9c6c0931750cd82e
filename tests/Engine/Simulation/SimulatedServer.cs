using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>A process: it lives, it is frozen, it stops, or it is dead.</summary>
internal sealed class SimulatedServer
{
    private readonly TaskCompletionSource _released = new();

    public SimulatedServer(Simulator simulator, IStorageBackend store, IChatModels models, TimeProvider time, ChatsOptions options, IChatStore inner)
    {
        State = new ServerState(time: time);
        // Registered first, so called last.
        State.Release.Register(_released.SetResult);
        Tool = new SimulatedTool(simulator, inner, State.Owner);
        var runner = new ToolRunner(time, NullLogger<ToolRunner>.Instance) { Scheduler = new SimulatedScheduler(simulator, this) };
        var tools = new ChatTools([new RegisteredTool(Tool, new ChatToolOptions())], runner, Options.Create(options));
        Sessions = TestSessions.Create(store, models, options, State, new UnlimitedQuotas(new TestLimits()), tools);
    }

    public SimulatedTool Tool { get; }

    public ServerState State { get; }

    public ChatSessionFactory Sessions { get; }

    public bool IsFrozen { get; set; }

    public bool IsDead { get; set; }

    /// <summary>Whether the server is stopping, and its chats are to move to others.</summary>
    public bool IsStopping => State.Draining;

    /// <summary>Hands off the running turns.</summary>
    public void Release()
    {
        // Its waits are ended on other threads: only when all are does the simulation go on.
        _ = Task.Run(State.ReleaseAllAsync);
        _released.Task.Wait();
    }
}

/// <summary>The call's server died before it answered.</summary>
internal sealed class ServerDiedException : Exception;

/// <summary>An activation of the chat on a server.</summary>
internal sealed class SimulatedActivation : ISessionHost
{
    private readonly SimulatedScheduler _scheduler;
    private readonly ChatSession _session;
    private readonly List<Action<Exception>> _calls = [];
    private readonly TaskCompletionSource _opened = new();

    public SimulatedActivation(Simulator simulator, SimulatedServer server, ChatKey key)
    {
        (Server, Key) = (server, key);
        _scheduler = new SimulatedScheduler(simulator, server);
        _session = (ChatSession)server.Sessions.Create(key, this);
        _scheduler.Post(OpenAsync);
    }

    public SimulatedServer Server { get; }

    public ChatKey Key { get; }

    /// <summary>Whether the next call is to find another activation.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Calls the session, on its scheduler, once it is open.</summary>
    public Task<T> CallAsync<T>(Func<ChatSession, Task<T>> call)
    {
        var answer = new TaskCompletionSource<T>();
        _calls.Add(failure => answer.TrySetException(failure));
        _scheduler.Post(async () =>
        {
            try
            {
                await _opened.Task;
                answer.TrySetResult(await call(_session));
            }
            catch (Exception failure)
            {
                answer.TrySetException(failure);
            }

            if (!_session.Exists)
            {
                Deactivate();
            }
        });
        return answer.Task;
    }

    /// <summary>The runtime ends the activation.</summary>
    public void Deactivate()
    {
        IsOver = true;
        _scheduler.Post(() =>
        {
            _session.Close();
            return Task.CompletedTask;
        });
    }

    /// <summary>The server died: nobody answers.</summary>
    public void Die()
    {
        IsOver = true;
        _calls.ForEach(fail => fail(new ServerDiedException()));
    }

    void ISessionHost.KeepActive()
    {
    }

    void ISessionHost.AllowIdle()
    {
    }

    bool ISessionHost.TryMove()
    {
        IsOver = IsOver || Server.IsStopping;
        return Server.IsStopping;
    }

    void ISessionHost.Deactivate() => Deactivate();

    private async Task OpenAsync()
    {
        try
        {
            await _session.OpenAsync(CancellationToken.None);
            _opened.SetResult();
        }
        catch (ChatException failure)
        {
            IsOver = true;
            _opened.SetException(failure);
        }
    }
}
