using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>Several chats that are forked from each other, their clients, and servers that crash, freeze, and take over.</summary>
internal sealed class SimulatedTrees
{
    private const int Events = 80;
    private const int StepsBetweenEvents = 60;
    private const int StepsPerRound = 20_000;

    private readonly Simulator _simulator;
    private readonly ManualTimeProvider _time = new();
    private readonly ChatsOptions _options = new() { MaxRecoveryAttempts = 100, MaxQueuedTurns = 4 };
    private readonly SimulatedServers _servers;
    private readonly PlainChats _plain;
    private readonly TreeClients _clients;
    private readonly TreeEvents _events;
    private readonly List<string> _differences = [];

    public SimulatedTrees(int seed)
    {
        _simulator = new Simulator(seed);
        var model = new SimulatedModel(_simulator);
        var inner = new InMemoryChatStore(_time);
        _plain = new PlainChats(_time, model);
        var views = new PlainViews(_simulator, _plain);
        var comparison = new PlainComparison(inner, new Random(seed));
        _plain.Changed += views.Keep;
        _plain.Changed += chatId => Compare(comparison, chatId);
        model.Called += _plain.Check;
        var store = new StoreProxy(inner) { Around = _simulator.CallStoreAsync, Applied = Apply };
        _servers = new SimulatedServers(_simulator, inner, store, model, _time, _options);
        _clients = new TreeClients(_simulator, _servers, _plain, views);
        _events = new TreeEvents(_simulator.Random, _plain, _clients);
        _servers.Add();
        _servers.Add();
    }

    /// <summary>What was committed.</summary>
    public List<string> Commits { get; } = [];

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

            ThrowIfWrong();
        }

        _simulator.IsFaulty = false;
        _servers.ThawAll();
        Settle();
        _events.ReadAll();
        Settle();
        _events.RetryAll();
        Settle();
        Assert.Empty(_servers.Tools.SelectMany(t => t.Failures));
    }

    private void Happen()
    {
        switch (_simulator.Random.Next(40))
        {
            case < 30:
                _events.Next();
                break;
            case 30:
                _servers.Replace(withStops: _simulator.Random.Next(2) == 0);
                break;
            case 31:
                _servers.FreezeOrThaw();
                break;
            case 32:
                // Another activation, although one is there.
                _servers.Activate(RandomChat());
                break;
            case 33:
                _servers.Activation(RandomChat()).Deactivate();
                break;
            case 34:
                _servers.Recover();
                break;
            default:
                Advance(TimeSpan.FromMilliseconds(_simulator.Random.Next(1, 4000)));
                break;
        }
    }

    private void Settle()
    {
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            // Readers wait on other threads, too: how many rounds that takes isn't known.
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < Patience.Limit,
                $"Servers count {_servers.Running} running turns, and clients wait though nothing fails any more: {string.Join(", ", _clients.Waiting)}");
            Advance(_options.RemoteTurnPollInterval);
            _servers.Recover();
            for (var step = 0; _simulator.Step(); step++)
            {
                Assert.True(step < StepsPerRound, "The simulation does not come to rest.");
            }

            Thread.Yield();
            ThrowIfWrong();
        }
        while (_clients.Waiting.Count > 0 || _servers.Running > 0 || _servers.AreStopping || _plain.Chats.Values.Any(c => c.Pending.Count > 0));
    }

    private void Advance(TimeSpan by)
    {
        _servers.Advance(by);
        _plain.Expire();
    }

    private ChatKey RandomChat() => new(ChatWorld.Tenant, _events.RandomChat());

    private void Apply(ChatKey key, ChatStep step, StepResult result)
    {
        Commits.Add($"{_simulator.Steps} {key.ChatId} {Describe(step)} {(result == StepResult.Applied ? "" : "not done")} {_plain.Find(key.ChatId)?.Requests.Count}");
        _plain.Apply(key, step, result);
    }

    private static string Describe(ChatStep step) => step switch
    {
        AcceptStep accept => $"accept {accept.Turn.Sequence} {accept.Turn.RequestId} {accept.Turn.State} {accept.Turn.Input.Message?.Parts[^1].Text} {accept.Turn.Input.Move}{accept.Turn.Input.Parent} {accept.Head}",
        EndStep end => $"end {end.Sequence} {end.State} {end.Head}",
        ForkStep fork => $"fork {fork.Source.ChatId} {string.Join(',', fork.Path)} {fork.Chat.Tree}",
        _ => step.Name,
    };

    private void Compare(PlainComparison comparison, string chatId)
    {
        try
        {
            comparison.Compare(chatId, _plain.Find(chatId));
        }
        catch (Exception difference)
        {
            _differences.Add($"{chatId}: {difference}");
        }
    }

    private void ThrowIfWrong()
    {
        List<string> all = [.. _plain.Failures, .. _differences, .. _clients.Failures];
        Assert.True(all.Count == 0, string.Join("\n", all.Take(3)));
    }
}
