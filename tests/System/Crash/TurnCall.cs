using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>How a client asks for a turn.</summary>
public enum CallMode
{
    /// <summary>Waits for the reply.</summary>
    Unary,

    /// <summary>Hears the turn as it comes, and goes on with ReadTurn when the stream breaks.</summary>
    Stream,

    /// <summary>Hangs up as soon as the turn is accepted, and reads it over another connection.</summary>
    Background,
}

/// <summary>
/// One send of a careful client: asks again with the same request id, or from the last offset, until the turn has ended.
/// </summary>
/// <param name="server">The server for the next call; a client may have to wait for one.</param>
/// <param name="mode">How the turn is asked for.</param>
/// <param name="request">What is sent. It has a request id.</param>
internal sealed class TurnCall(Func<Task<V1.Chats.ChatsClient>> server, CallMode mode, SendMessageRequest request)
{
    private const string TurnIdKey = "turn-id";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource<string> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SendMessageRequest Request => request;

    public CallMode Mode => mode;

    /// <summary>The turn's events, as far as they came. A unary call's come with its reply.</summary>
    public TurnCopy Copy { get; private set; } = new();

    /// <summary>The turn's id, once the server has acknowledged it.</summary>
    public Task<string> Accepted => _accepted.Task;

    /// <summary>What the client was told of the turn's end.</summary>
    public Turn? Ended { get; private set; }

    /// <summary>What the client was told that the model said.</summary>
    public string Text { get; private set; } = "";

    /// <summary>When the first request was made, and when the end was known, in ticks of <see cref="Environment.TickCount64"/>.</summary>
    public (long Sent, long Ended) Times { get; private set; }

    /// <summary>Whether the first request has been made.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>How many more events of a stream are heard before the client hangs up; it does so once, if at all.</summary>
    public int? HangUpAfter { get; set; }

    /// <summary>Asks until the turn has ended.</summary>
    public async Task RunAsync()
    {
        Times = (Environment.TickCount64, long.MaxValue);
        var limit = TimeLimit.Token;
        while (Ended is null)
        {
            var client = await server().WaitAsync(limit);
            IsUnderWay = true;
            try
            {
                await AskAsync(client, limit);
            }
            catch (RpcException failure) when (Failures.Reason(failure) == "TURN_CANCELLED")
            {
                // The stream has said so already; a reply has its turn in the error.
                await EndedWithoutReplyAsync(client, failure, limit);
            }
            catch (RpcException failure) when (Failures.IsPassing(failure) && !limit.IsCancellationRequested)
            {
                await Task.Delay(Pause, limit);
            }
        }

        Times = (Times.Sent, Environment.TickCount64);
    }

    private async Task AskAsync(V1.Chats.ChatsClient client, CancellationToken limit)
    {
        if (mode is CallMode.Unary)
        {
            var reply = await client.SendMessageAsync(request, cancellationToken: limit);
            End(reply.Turn, string.Concat(reply.Response.Candidates[0].Content.Parts.Select(p => p.Text)));
        }
        else if (!_accepted.Task.IsCompleted)
        {
            await SendAsync(client, limit);
        }
        else
        {
            using var stream = client.ReadTurn(
                new ReadTurnRequest { Name = request.Name, TurnId = await Accepted, AfterOffset = Copy.Offset }, cancellationToken: limit);
            await ReadAsync(stream);
        }
    }

    private async Task SendAsync(V1.Chats.ChatsClient client, CancellationToken limit)
    {
        using var stream = client.SendMessageStream(request, cancellationToken: limit);
        var headers = await stream.ResponseHeadersAsync;
        if (headers.GetValue(TurnIdKey) is { } turnId)
        {
            Acknowledged(turnId);
        }

        if (mode is CallMode.Stream || headers.GetValue(TurnIdKey) is null)
        {
            await ReadAsync(stream);
        }
    }

    private async Task ReadAsync(AsyncServerStreamingCall<TurnEvent> stream)
    {
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            Copy.Add(stream.ResponseStream.Current);
            if (Copy.Ended is { } ended)
            {
                End(ended, Copy.Text);
                return;
            }

            if (HangUpAfter is { } events && (HangUpAfter = events - 1) == 0)
            {
                HangUpAfter = null;
                return;
            }
        }

        Assert.Fail($"The stream of {request.RequestId} ended at offset {Copy.Offset} with OK, and the turn had not ended.");
    }

    private async Task EndedWithoutReplyAsync(V1.Chats.ChatsClient client, RpcException failure, CancellationToken limit)
    {
        if (Ended is not null)
        {
            return;
        }

        var turnId = Failures.Detail<Google.Rpc.ErrorInfo>(failure)!.Metadata["turn_id"];
        try
        {
            var turn = await client.GetTurnAsync(new GetTurnRequest { Name = request.Name, TurnId = turnId }, cancellationToken: limit);
            End(turn, "");
        }
        catch (RpcException again) when (Failures.IsPassing(again) && !limit.IsCancellationRequested)
        {
            await Task.Delay(Pause, limit);
        }
    }

    private void Acknowledged(string turnId)
    {
        _accepted.TrySetResult(turnId);
        Assert.Equal(turnId, _accepted.Task.Result);
    }

    private void End(Turn turn, string text)
    {
        Acknowledged(turn.TurnId);
        Assert.True(turn.State > Turn.Types.State.Running, $"{turn} has not ended.");
        (Ended, Text) = (turn, text);
    }
}
