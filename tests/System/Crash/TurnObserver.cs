using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Reads the turn of a send beside its caller, from any server, and goes on where it was cut.</summary>
internal sealed class TurnObserver(SendMessageRequest send)
{
    private string? _turnId;

    /// <summary>The send.</summary>
    public SendMessageRequest Send => send;

    /// <summary>What was seen so far.</summary>
    public TurnCopy Copy { get; } = new();

    /// <summary>Waits until the chat has the turn, and finds it.</summary>
    public async Task FindAsync(ServerProcess server)
    {
        var chat = new GetChatRequest { Name = send.Name };
        await TimeLimit.UntilAsync(async () => await server.Client.GetChatAsync(chat), c => c.ActiveTurnId.Length > 0 || c.Revision > 0);
        using var join = server.Client.SendMessageStream(send, cancellationToken: TimeLimit.Token);
        _turnId = (await join.ResponseHeadersAsync).GetValue("turn-id");
    }

    /// <summary>Reads on until enough was seen, or the turn has ended.</summary>
    public async Task ReadAsync(ServerProcess server, Func<TurnCopy, bool> isEnough)
    {
        using var stream = server.Client.ReadTurn(new ReadTurnRequest { Name = send.Name, TurnId = _turnId, AfterOffset = Copy.Offset });
        while (Copy.Ended is null && !isEnough(Copy) && await stream.ResponseStream.MoveNext(TimeLimit.Token))
        {
            Copy.Add(stream.ResponseStream.Current);
        }
    }
}
