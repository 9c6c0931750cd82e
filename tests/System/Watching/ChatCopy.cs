using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Watching;

/// <summary>What a client knows of a chat that it watches, from one stream or from several. It takes no gap, no double, and nothing after a turn's end.</summary>
internal sealed class ChatCopy(string name)
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (Turn Accepted, TurnCopy Copy)> _turns = [];

    /// <summary>The token of the last event.</summary>
    public string Token { get; private set; } = "";

    /// <summary>The chat as it was told last.</summary>
    public Chat? Chat { get; private set; }

    /// <summary>Whether the chat was deleted.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>The turns in the order in which they were accepted, with their events.</summary>
    public IReadOnlyList<(Turn Accepted, TurnCopy Copy)> Turns => [.. _order.Select(id => _turns[id])];

    /// <summary>Reads on until enough was told, or the stream ends.</summary>
    public async Task ReadAsync(V1.Chats.ChatsClient client, Func<ChatCopy, bool> isEnough)
    {
        using var stream = client.WatchChat(new WatchChatRequest { Name = name, Token = Token });
        var isFirst = true;

        // One limit for the whole stream: a quiet stream has idle events.
        var limit = TimeLimit.Token;
        while (await stream.ResponseStream.MoveNext(limit))
        {
            var next = stream.ResponseStream.Current;
            Assert.True(!isFirst || next.Chat is not null || next.Deleted is not null, $"{next} came first.");
            isFirst = false;
            Add(next);
            if (isEnough(this))
            {
                return;
            }
        }
    }

    /// <summary>Reads on until the stream fails because its server does.</summary>
    public async Task ReadToFailureAsync(V1.Chats.ChatsClient client)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(client, _ => false));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    /// <summary>Whether the chat was told at a revision, and all turns that were told have ended.</summary>
    public bool HasEndedAt(long revision) => Chat?.Revision >= revision && _turns.Values.All(turn => turn.Copy.Ended is not null);

    /// <summary>Compares what was told with what the service has.</summary>
    public async Task CheckAsync(V1.Chats.ChatsClient client)
    {
        Assert.Equal(await client.GetChatAsync(new GetChatRequest { Name = name }), Chat);
        var list = await client.ListTurnsAsync(new ListTurnsRequest { Name = name, AllBranches = true, View = TurnView.Full, PageSize = 1000 });
        var recorded = Turns.Where(turn => turn.Copy.Ended!.Revision > 0).ToList();
        Assert.Equal(
            list.Turns.Select(turn => (turn.TurnId, turn.Revision, turn.ParentRevision, turn.Message)),
            recorded.Select(turn => (turn.Accepted.TurnId, turn.Copy.Ended!.Revision, turn.Copy.Ended.ParentRevision, turn.Accepted.Message)));
        foreach (var (accepted, copy) in Turns)
        {
            var read = new TurnCopy();
            foreach (var next in await Echo.AllAsync(client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = accepted.TurnId })))
            {
                read.Add(next);
            }

            Assert.Equal((read.Text, read.Offset, read.Attempt), (copy.Text, copy.Offset, copy.Attempt));
        }
    }

    private void Add(ChatEvent next)
    {
        Assert.False(IsDeleted, $"{next} came after the chat was deleted.");
        Token = next.Token;
        switch (next.EventCase)
        {
            case ChatEvent.EventOneofCase.Chat:
                Chat = next.Chat;
                break;
            case ChatEvent.EventOneofCase.Accepted:
                Assert.True(_turns.TryAdd(next.Accepted.TurnId, (next.Accepted, new TurnCopy())), $"{next} came twice.");
                _order.Add(next.Accepted.TurnId);
                break;
            case ChatEvent.EventOneofCase.Turn:
                _turns[next.Turn.TurnId].Copy.Add(next.Turn.Event);
                break;
            case ChatEvent.EventOneofCase.Deleted:
                IsDeleted = true;
                break;
        }
    }
}
