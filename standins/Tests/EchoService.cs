using System.Collections.Concurrent;
using Grpc.Core;

namespace GenAI.Chats.StandIns;

/// <summary>Says back what it is told, and tells the tests what it saw.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    public static readonly byte[] Details = [0, 1, 127, 128, 255];

    private readonly ConcurrentDictionary<string, TaskCompletionSource<DateTime>> _ends = [];

    /// <summary>Ends, with the call's deadline, when the server sees the end of the call that hangs with this text.</summary>
    public Task<DateTime> EndOf(string text) => End(text).Task;

    public override async Task<Said> Once(Said request, ServerCallContext context)
    {
        var headers = new Metadata { { "said", context.RequestHeaders.GetValue("say") ?? "nothing" } };
        if (context.RequestHeaders.GetValueBytes("say-bin") is { } bytes)
        {
            headers.Add("said-bin", bytes);
        }

        await context.WriteResponseHeadersAsync(headers);
        context.ResponseTrailers.Add("last", $"{context.Method} of {context.Host}");
        return new Said { Text = request.Text };
    }

    public override async Task Repeat(Said request, IServerStreamWriter<Said> responseStream, ServerCallContext context)
    {
        for (var i = 1; i <= request.Times; i++)
        {
            await responseStream.WriteAsync(new Said { Text = request.Text, Times = i }, context.CancellationToken);
        }
    }

    public override async Task<Said> Join(IAsyncStreamReader<Said> requestStream, ServerCallContext context)
    {
        var all = new List<string>();
        await foreach (var said in requestStream.ReadAllAsync(context.CancellationToken))
        {
            all.Add(said.Text);
        }

        return new Said { Text = string.Join(' ', all), Times = all.Count };
    }

    public override async Task Each(
        IAsyncStreamReader<Said> requestStream, IServerStreamWriter<Said> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext())
        {
            await responseStream.WriteAsync(requestStream.Current);
        }
    }

    public override async Task Hang(Said request, IServerStreamWriter<Said> responseStream, ServerCallContext context)
    {
        using var ended = context.CancellationToken.Register(() => End(request.Text).TrySetResult(context.Deadline));
        await responseStream.WriteAsync(request);
        await Task.Delay(Timeout.Infinite, context.CancellationToken);
    }

    public override Task<Said> Fail(Said request, ServerCallContext context) =>
        throw new RpcException(
            new Status(StatusCode.FailedPrecondition, request.Text),
            new Metadata { { "grpc-status-details-bin", Details }, { "reason", "asked" } });

    private TaskCompletionSource<DateTime> End(string text) =>
        _ends.GetOrAdd(text, _ => new TaskCompletionSource<DateTime>(TaskCreationOptions.RunContinuationsAsynchronously));
}
