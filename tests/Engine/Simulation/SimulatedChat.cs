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
    private readonly SimulatedServers _servers;

    /// <param name="seed">Chooses what happens.</param>
    /// <param name="withReaders">Whether clients read turns.</param>
    /// <param name="withStops">Whether some servers are stopped, and not killed.</param>
    public SimulatedChat(int seed, bool withReaders, bool withStops)
    {
        _simulator = new Simulator(seed);
        (_withReaders, _withStops) = (withReaders, withStops);
        Model = new SimulatedModel(_simulator);
        Store = new InMemoryChatStore(_time);
        var store = new StoreProxy(Store) { Around = _simulator.CallStoreAsync };
        _servers = new SimulatedServers(_simulator, Store, store, Model, _time, _options);
        Clients = new SimulatedClients(_simulator, () => _servers.Activation(ChatWorld.Key));
        var chat = new ChatRecord
        {
            Key = ChatWorld.Key,
            Settings = new ChatSettings { Model = "any", Config = TestTool.AskFor(SimulatedTool.Name, SimulatedTool.ClientsName) },
            CreateTime = _time.GetUtcNow(),
            UpdateTime = _time.GetUtcNow(),
        };
        Assert.True(Store.ApplyAsync(chat.Key, new CreateStep(chat, [], MaxChats: 1)).IsCompletedSuccessfully);
        _servers.Add();
        _servers.Add();
    }

    public IStorageBackend Store { get; }

    public SimulatedModel Model { get; }

    public SimulatedClients Clients { get; }

    /// <summary>The tools of all servers that there have been.</summary>
    public List<SimulatedTool> Tools => _servers.Tools;

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
        _servers.ThawAll();
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            // Readers wait on other threads, too: how many rounds that takes is not known.
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < Patience.Limit,
                $"{Clients.Waiting} clients wait, {Pending()} turns are pending, and servers count {_servers.Running} running ones, though nothing fails any more.");
            _servers.Advance(_options.RemoteTurnPollInterval);
            _servers.Recover();
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
                _servers.Replace(_withStops);
                break;
            case 18:
                _servers.FreezeOrThaw();
                break;
            case 19:
                // Another activation beside the one that is there.
                _servers.Activate(ChatWorld.Key);
                break;
            case 20:
                _servers.Activation(ChatWorld.Key).Deactivate();
                break;
            case 21:
                _servers.Recover();
                break;
            default:
                _servers.Advance(TimeSpan.FromMilliseconds(_simulator.Random.Next(1, 4000)));
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

    // A server that has lost a turn may get to know that only when it tries the turn's end again.
    private bool IsQuiet() => Clients.Waiting == 0 && Pending() == 0 && _servers.Running == 0 && !_servers.AreStopping;

    private int Pending() => Store.LoadAsync(ChatWorld.Key, CancellationToken.None).Result!.Pending.Count;
}
