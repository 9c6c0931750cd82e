using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Health.V1;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>Short ways to read streams, and to wait.</summary>
public static class Streams
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Waits for what surely comes. Nothing is measured by the limit: it ends what hangs.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(Limit);

    /// <inheritdoc cref="InTime(Task)"/>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit);

    /// <summary>The next thing that a watch of the server's health tells.</summary>
    public static async Task<HealthCheckResponse.Types.ServingStatus> NextStatusAsync(this AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        return watch.ResponseStream.Current.Status;
    }

    /// <summary>All events, to the stream's end.</summary>
    public static async Task<List<TurnEvent>> ToListAsync(this AsyncServerStreamingCall<TurnEvent> call)
    {
        var events = new List<TurnEvent>();
        await foreach (var next in call.ResponseStream.ReadAllAsync())
        {
            events.Add(next);
        }

        return events;
    }

    /// <summary>The next event; there must be one.</summary>
    public static async Task<T> NextAsync<T>(this AsyncServerStreamingCall<T> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None), "The stream has ended.");
        return call.ResponseStream.Current;
    }

    /// <summary>The next events, up to one that is wanted.</summary>
    public static async Task<List<ChatEvent>> UntilAsync(this AsyncServerStreamingCall<ChatEvent> call, Func<ChatEvent, bool> isLast)
    {
        var events = new List<ChatEvent>();
        do
        {
            events.Add(await call.NextAsync());
        }
        while (!isLast(events[^1]));
        return events;
    }

    /// <summary>The texts of the chunks.</summary>
    public static string[] Texts(this IEnumerable<TurnEvent> events) =>
        [.. events.Where(e => e.EventCase == TurnEvent.EventOneofCase.Chunk).Select(e => e.Chunk.Candidates[0].Content.Parts[0].Text)];
}
