using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>Servers of one store, which crash, freeze, and take over chats, and the chats' activations.</summary>
/// <param name="simulator">Chooses.</param>
/// <param name="inner">The store that never fails.</param>
/// <param name="store">The store that the servers use.</param>
/// <param name="models">The models.</param>
/// <param name="time">The clock.</param>
/// <param name="options">The servers' options.</param>
internal sealed class SimulatedServers(
    Simulator simulator, IStorageBackend inner, StoreProxy store, IChatModels models, ManualTimeProvider time, ChatsOptions options)
{
    private readonly List<SimulatedServer> _servers = [];
    private readonly List<SimulatedServer> _stopping = [];
    private readonly List<SimulatedActivation> _activations = [];

    /// <summary>The tools of all servers that there have been.</summary>
    public List<SimulatedTool> Tools { get; } = [];

    /// <summary>How many turns the servers count as running.</summary>
    public int Running => _servers.Sum(s => s.State.Running);

    /// <summary>Whether servers drain.</summary>
    public bool AreStopping => _stopping.Count > 0;

    public void Add()
    {
        var server = new SimulatedServer(simulator, store, models, time, options, inner);
        _servers.Add(server);
        Tools.Add(server.Tool);
        Beat(server);
    }

    /// <summary>A server crashes, or is stopped, and another one starts.</summary>
    /// <param name="withStops">Whether a server that isn't frozen is stopped, and doesn't crash.</param>
    public void Replace(bool withStops)
    {
        var lost = RandomServer();
        if (withStops && !lost.IsFrozen)
        {
            Stop(lost);
        }
        else
        {
            Kill(lost);
        }

        Add();
    }

    /// <summary>Freezes a server, or thaws it if it was frozen.</summary>
    public void FreezeOrThaw()
    {
        var server = RandomServer();
        server.IsFrozen = !server.IsFrozen;
    }

    public void ThawAll() => _servers.ForEach(s => s.IsFrozen = false);

    /// <summary>Returns the activation that the next call of a chat reaches.</summary>
    public SimulatedActivation Activation(ChatKey chat) => _activations.FindLast(a => !a.IsOver && a.Key == chat) ?? Activate(chat);

    /// <summary>Activates a chat, even if it has an activation.</summary>
    public SimulatedActivation Activate(ChatKey chat)
    {
        var activation = new SimulatedActivation(simulator, RandomServer(), chat);
        _activations.Add(activation);
        return activation;
    }

    /// <summary>Moves the time on. Frozen servers miss their heartbeats.</summary>
    public void Advance(TimeSpan by)
    {
        time.Advance(by);
        foreach (var server in _servers.Where(s => !s.IsFrozen).Concat(_stopping))
        {
            Beat(server);
        }
    }

    /// <summary>Each server looks for chats to wake.</summary>
    public void Recover()
    {
        foreach (var server in _servers.Where(s => !s.IsFrozen))
        {
            var orphans = server.State.Orphans.Take();
            var abandoned = inner.AbandonedAsync().Result.Select(key => new OrphanedChat(key));
            foreach (var chat in orphans.Concat(abandoned))
            {
                new SimulatedScheduler(simulator, server).Post(() => WakeAsync(chat, server));
            }
        }
    }

    // As the recovery service does it: failures are for the next scan.
    private async Task WakeAsync(OrphanedChat chat, SimulatedServer server)
    {
        try
        {
            await chat.ReleaseAsync(store, server.State.Owner);
            await Activation(chat.Key).CallAsync(s => s.WakeAsync());
        }
        catch (Exception)
        {
            server.State.Orphans.Add(chat);
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
        new SimulatedScheduler(simulator, server).Post(async () =>
        {
            await PauseAsync(simulator.Random.Next(40));
            server.Release();
            while (server.State.Running > 0)
            {
                await simulator.PauseAsync();
            }

            _activations.Where(a => a.Server == server).ToList().ForEach(a => a.Deactivate());
            await PauseAsync(simulator.Random.Next(10));
            Assert.True(inner.LeaveAsync(server.State.Owner).IsCompletedSuccessfully);
            _stopping.Remove(server);
            Kill(server);
        });

        async Task PauseAsync(int count)
        {
            for (; count > 0; count--)
            {
                await simulator.PauseAsync();
            }
        }
    }

    private SimulatedServer RandomServer() => _servers[simulator.Random.Next(_servers.Count)];

    private void Beat(SimulatedServer server)
    {
        // The store in memory is done at once.
        var beat = inner.HeartbeatAsync(server.State.Owner, options.LeaseDuration);
        Assert.True(beat.IsCompletedSuccessfully);
        foreach (var stopped in beat.Result)
        {
            new SimulatedScheduler(simulator, server).Post(() =>
            {
                server.State.Turns.Stop(stopped);
                return Task.CompletedTask;
            });
        }
    }
}
