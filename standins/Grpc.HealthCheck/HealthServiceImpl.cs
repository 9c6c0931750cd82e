using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.HealthCheck;

/// <summary>The health service over statuses that the application sets.</summary>
public class HealthServiceImpl : Health.V1.Health.HealthBase
{
    /// <summary>A watcher that reads too slowly misses older changes, never the last.</summary>
    private const int UnreadChanges = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = [];
    private readonly List<(string Service, ChannelWriter<ServingStatus> Changes)> _watchers = [];

    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_lock)
        {
            var before = StatusOf(service);
            _statuses[service] = status;
            Notify(service, before, status);
        }
    }

    public void ClearStatus(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_lock)
        {
            var before = StatusOf(service);
            _statuses.Remove(service);
            Notify(service, before, ServingStatus.ServiceUnknown);
        }
    }

    public void ClearAll()
    {
        lock (_lock)
        {
            foreach (var service in _statuses.Keys.ToArray())
            {
                ClearStatus(service);
            }
        }
    }

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            return _statuses.TryGetValue(request.Service, out var status)
                ? Task.FromResult(new HealthCheckResponse { Status = status })
                : throw new RpcException(new Status(StatusCode.NotFound, ""));
        }
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        await foreach (var status in StatusesAsync(request.Service, context.CancellationToken).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
        }
    }

    /// <summary>The status now and every change, until the token is cancelled, which is no error.</summary>
    internal async IAsyncEnumerable<ServingStatus> StatusesAsync(
        string service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<ServingStatus>(
            new BoundedChannelOptions(UnreadChanges) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var watcher = (service, changes.Writer);
        lock (_lock)
        {
            changes.Writer.TryWrite(StatusOf(service));
            _watchers.Add(watcher);
        }

        try
        {
            using var stop = cancellationToken.Register(() => changes.Writer.TryComplete());
            while (!cancellationToken.IsCancellationRequested
                && await changes.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false)
                && changes.Reader.TryRead(out var status))
            {
                yield return status;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private ServingStatus StatusOf(string service) => _statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown);

    private void Notify(string service, ServingStatus before, ServingStatus after)
    {
        if (before == after)
        {
            return;
        }

        foreach (var watcher in _watchers.Where(watcher => watcher.Service == service))
        {
            watcher.Changes.TryWrite(after);
        }
    }
}
