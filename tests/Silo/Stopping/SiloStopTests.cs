using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using GenAI.Chats.Silo.Stopping;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Silo.Tests.Stopping;

/// <summary>How long the stop of a silo waits for other silos.</summary>
public sealed class SiloStopTests : IDisposable
{
    private readonly Channel<ClusterMembershipSnapshot> _members = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
    private readonly SlowSilo _silo = new();
    private readonly SiloEnd _end = new();

    [Fact]
    public async Task StopAsync_SiloWasDeclaredDead_DoesNotWait()
    {
        Tell(SiloStatus.Active);
        var stopping = Service().StopAsync(CancellationToken.None);
        var token = await _silo.Stopping.Task;
        Assert.False(token.IsCancellationRequested);

        Tell(SiloStatus.Dead);

        await stopping.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public async Task StopAsync_SiloStopsNormally_WaitsForIt()
    {
        var lifecycle = new Lifecycle();
        _end.Participate(lifecycle);
        Tell(SiloStatus.ShuttingDown);
        var stopping = Service().StopAsync(CancellationToken.None);
        var token = await _silo.Stopping.Task;

        await lifecycle.Observer!.OnStop();
        Tell(SiloStatus.Dead);
        _silo.Ended.SetResult();

        await stopping.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(token.IsCancellationRequested);
    }

    public void Dispose() => _end.Dispose();

    private SiloStop Service() => new(_silo, _end, new Membership(_members.Reader), new Local(), NullLogger<SiloStop>.Instance);

    private void Tell(SiloStatus status)
    {
        var silo = new Local().SiloAddress;
        var members = ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(silo, new ClusterMember(silo, status, "silo"));
        _members.Writer.TryWrite(new ClusterMembershipSnapshot(members, new MembershipVersion(1)));
    }

    private sealed class SlowSilo : IHostedService
    {
        public TaskCompletionSource<CancellationToken> Stopping { get; } = new();

        public TaskCompletionSource Ended { get; } = new();

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            Stopping.SetResult(cancellationToken);
            await ((Task)Ended.Task.WaitAsync(cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Membership(ChannelReader<ClusterMembershipSnapshot> updates) : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot => throw new NotSupportedException();

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => updates.ReadAllAsync();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }

    private sealed class Local : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "host";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

        public SiloAddress GatewayAddress => SiloAddress;
    }

    private sealed class Lifecycle : ISiloLifecycle
    {
        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => int.MaxValue;

        public int LowestStoppedStage => int.MaxValue;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Observer = observer;
            return new CancellationTokenSource();
        }
    }
}
