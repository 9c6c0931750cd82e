using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>One chat, its clients, and servers that fail in all the ways that servers do.</summary>
internal sealed class SimulatedChat
{
    private const int Events = 60;
    private const int StepsBetweenEvents = 80;
    private const int StepsPerRound = 5000;

    private readonly Simulator _simulator;
    private readonly bool _withReaders;
    private readonly bool _withStops;
    private readonly ManualTimeProvider _time = new();
    private readonly ChatsOptions _options = new() { MaxRecoveryAttempts = 100, MaxQueuedTurns = 4 };
    private readonly StoreProxy _store;
    private readonly List<SimulatedServer> _servers = [];
    private readonly List<SimulatedServer> _stopping = [];
    private readonly List<SimulatedActivation> _activations = [];

    /// <param name="seed">Chooses what happens.</param>
    /// <param name="withReaders">Whether clients read turns.</param>
    /// <param name="withStops">Whether some servers are stopped, and not killed.</param>
    public SimulatedChat(int seed, bool withReaders, bool withStops)
    {
        _simulator = new Simulator(seed);
        (_withReaders, _withStops) = (withReaders, withStops);
        Model = new SimulatedModel(_simulator);
        Store = new InMemoryChatStore(_time);
        _store = new StoreProxy(Store) { Around = _simulator.CallStoreAsync };
        Clients = new SimulatedClients(_simulator, Activation);
        var chat = new ChatRecord
        {
            Key = ChatWorld.Key,
            Settings = new ChatSettings { Model = "any", Config = TestTool.AskFor(SimulatedTool.Name, SimulatedTool.ClientsName) },
            CreateTime = _time.GetUtcNow(),
            UpdateTime = _time.GetUtcNow(),
        };
        Done(Store.ApplyAsync(chat.Key, new CreateStep(chat, [], MaxChats: 1)));
        AddServer();
        AddServer();
    }

    public IStorageBackend Store { get; }

    public SimulatedModel Model { get; }

    public SimulatedClients Clients { get; }

    /// <summary>The tools of all servers that there have been.</summary>
    public List<SimulatedTool> Tools { get; } = [];

    /// <summary>Lets things happen, then lets all faults stop and everything come to its end.</summary>
    public void Run()
    {
        for (var i = 0; i < Events; i++)
        {
            Happen();
            for (var step = _simulator.Random.Next(StepsBetweenEvents); step > 0; step--)
            {
                _simulator.Step();
            }
        }

        _simulator.IsFaulty = false;
        _servers.ForEach(s => s.IsFrozen = false);
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            // Readers wait on other threads, too: how many rounds that takes is not known.
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < Patience.Limit,
                $"{Clients.Waiting} clients wait, {Pending()} turns are pending, and servers count {Running()} running ones, though nothing fails any more.");
            Advance(_options.RemoteTurnPollInterval);
            Recover();
            for (var step = 0; _simulator.Step(); step++)
            {
                Assert.True(step < StepsPerRound, "The simulation does not come to rest.");
            }

            Thread.Yield();
        }
        while (!IsQuiet());
    }

    private void Happen()
    {
        if (_simulator.Random.Next(3) == 0 && OpenCalls() is { Length: > 0 } responses)
        {
            Clients.Answer(responses, RandomPolicy());
            return;
        }

        switch (_simulator.Random.Next(24))
        {
            case < 8:
                Clients.Send(RandomPolicy());
                break;
            case 8:
                Clients.Record();
                break;
            case 9:
                Clients.Answer([Messages.Response(SimulatedTool.ClientsName)], RandomPolicy());
                break;
            case < 11 when Clients.Requests.Count > 0:
                Clients.Retry();
                break;
            case < 13 when Clients.HasTurns:
                Clients.Cancel();
                break;
            case < 16 when Clients.HasTurns && _withReaders:
                Clients.Read();
                break;
            case 16 or 17:
                var lost = RandomServer();
                if (_withStops && !lost.IsFrozen)
                {
                    Stop(lost);
                }
                else
                {
                    Kill(lost);
                }

                AddServer();
                break;
            case 18:
                var server = RandomServer();
                server.IsFrozen = !server.IsFrozen;
                break;
            case 19:
                // Another activation beside the one that is there.
                Activate();
                break;
            case 20:
                Activation().Deactivate();
                break;
            case 21:
                Recover();
                break;
            default:
                Advance(TimeSpan.FromMilliseconds(_simulator.Random.Next(1, 4000)));
                break;
        }
    }

    // The responses that are awaited now, if any are.
    private Part[] OpenCalls()
    {
        var chat = Store.LoadAsync(ChatWorld.Key, CancellationToken.None).Result!.Chat;
        var log = Store.ReadLogAsync(ChatWorld.Key, new LogRange(chat.OpenSequence - 1, int.MaxValue, long.MaxValue), CancellationToken.None).Result!.Turns;
        var last = chat.OpenSequence == 0 ? null : log.LastOrDefault(t => t.Outcome!.Open);
        var parts = last?.Outcome!.Contents.SelectMany(c => c.Parts).ToList() ?? [];
        var open = new List<FunctionCall>();
        foreach (var part in parts)
        {
            if (part.FunctionCall is { } call)
            {
                open.Add(call);
            }
            else if (part.FunctionResponse is { } response)
            {
                open.RemoveAt(open.FindIndex(c => c.Name == response.Name && c.Id == response.Id));
            }
        }

        return [.. open.Select(c => Messages.Response(c.Name, c.HasId ? c.Id : null))];
    }

    private BusyPolicy RandomPolicy() => _simulator.Random.Next(6) switch
    {
        0 => BusyPolicy.Reject,
        1 => BusyPolicy.Interrupt,
        2 => BusyPolicy.Rollback,
        _ => BusyPolicy.Enqueue,
    };

    // Frozen servers miss their beats.
    private void Advance(TimeSpan by)
    {
        _time.Advance(by);
        foreach (var server in _servers.Where(s => !s.IsFrozen).Concat(_stopping))
        {
            Beat(server);
        }
    }

    private void Recover()
    {
        foreach (var server in _servers.Where(s => !s.IsFrozen))
        {
            var orphans = server.State.Orphans.Take();
            var abandoned = Store.AbandonedAsync(1).Result.Select(key => new OrphanedChat(key));
            foreach (var chat in orphans.Concat(abandoned))
            {
                new SimulatedScheduler(_simulator, server).Post(() => WakeAsync(chat, server));
            }
        }
    }

    // As the recovery service does it: failures are for the next scan.
    private async Task WakeAsync(OrphanedChat chat, SimulatedServer server)
    {
        try
        {
            await chat.ReleaseAsync(_store, server.State.Owner);
            await Activation().CallAsync(s => s.WakeAsync());
        }
        catch (Exception)
        {
            server.State.Orphans.Add(chat);
        }
    }

    private SimulatedActivation Activation() => _activations.FindLast(a => !a.IsOver) ?? Activate();

    private SimulatedActivation Activate()
    {
        var activation = new SimulatedActivation(_simulator, RandomServer());
        _activations.Add(activation);
        return activation;
    }

    private SimulatedServer RandomServer() => _servers[_simulator.Random.Next(_servers.Count)];

    private void AddServer()
    {
        var server = new SimulatedServer(_simulator, _store, Model, _time, _options, Store);
        _servers.Add(server);
        Tools.Add(server.Tool);
        Beat(server);
    }

    private void Beat(SimulatedServer server)
    {
        var beat = Store.HeartbeatAsync(server.State.Owner, _options.LeaseDuration);
        Done(beat);
        foreach (var stopped in beat.Result)
        {
            new SimulatedScheduler(_simulator, server).Post(() =>
            {
                server.State.Turns.Stop(stopped);
                return Task.CompletedTask;
            });
        }
    }

    private void Kill(SimulatedServer server)
    {
        server.IsDead = true;
        _servers.Remove(server);
        _activations.Where(a => a.Server == server).ToList().ForEach(a => a.Die());
    }

    // The drain, with the stop of the runtime that follows.
    private void Stop(SimulatedServer server)
    {
        _servers.Remove(server);
        _stopping.Add(server);
        _ = server.State.BeginDrain();
        new SimulatedScheduler(_simulator, server).Post(async () =>
        {
            await PauseAsync(_simulator.Random.Next(40));
            server.Release();
            while (server.State.Running > 0)
            {
                await _simulator.PauseAsync();
            }

            _activations.Where(a => a.Server == server).ToList().ForEach(a => a.Deactivate());
            await PauseAsync(_simulator.Random.Next(10));
            Done(Store.LeaveAsync(server.State.Owner));
            _stopping.Remove(server);
            Kill(server);
        });

        async Task PauseAsync(int count)
        {
            for (; count > 0; count--)
            {
                await _simulator.PauseAsync();
            }
        }
    }

    // A server that has lost a turn may get to know that only when it tries the turn's end again.
    private bool IsQuiet() => Clients.Waiting == 0 && Pending() == 0 && Running() == 0 && _stopping.Count == 0;

    private int Pending() => Store.LoadAsync(ChatWorld.Key, CancellationToken.None).Result!.Pending.Count;

    private int Running() => _servers.Sum(s => s.State.Running);

    // The store in memory is done at once.
    private static void Done(Task task) => Assert.True(task.IsCompletedSuccessfully);
}
