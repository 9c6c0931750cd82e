using GenAI.Chats.Silo.HealthChecks;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Silo.Tests.HealthChecks;

/// <summary>The cost of health watchers.</summary>
public sealed class HealthStateTests
{
    private readonly ManualTimeProvider _time = new();
    private int _checks;

    [Fact]
    public async Task NextAsync_ManyWatchers_ShareOneCheckPerSecond()
    {
        await using var services = new ServiceCollection().AddLogging().AddHealthChecks().AddCheck("counting", Count).Services.BuildServiceProvider();
        using var lifetime = new Lifetime();
        var state = new HealthState(services.GetRequiredService<HealthCheckService>(), lifetime, _time);

        for (var second = 1; second <= 3; second++)
        {
            var watchers = Enumerable.Range(0, 1000).Select(_ => state.NextAsync(CancellationToken.None)).ToList();
            Assert.DoesNotContain(watchers, watcher => watcher.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAll(watchers).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(second, _checks);
        }

        lifetime.Stop();
        await state.NextAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private HealthCheckResult Count()
    {
        Interlocked.Increment(ref _checks);
        return HealthCheckResult.Healthy();
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Stop() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();

        void IHostApplicationLifetime.StopApplication() => Stop();
    }
}
