using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>
/// Holds a chat against a simple model of one: a list of turns, one after the other, each there whole and once, or not at all.
/// </summary>
internal static class ChatChecker
{
    /// <summary>Checks a chat that started empty, and all of whose sends have ended.</summary>
    public static async Task CheckAsync(V1.Chats.ChatsClient client, string name, IReadOnlyCollection<TurnCall> calls)
    {
        var chat = await client.GetChatAsync(new GetChatRequest { Name = name });
        Assert.Equal(("", 0), (chat.ActiveTurnId, chat.QueuedTurns));

        var ids = calls.Select(c => c.Ended!.TurnId).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(calls, c => Assert.Equal(c.Request.RequestId, c.Ended!.RequestId));
        foreach (var call in calls)
        {
            // What the client was told of the end is what the store has.
            Assert.Equal((await client.GetTurnAsync(new GetTurnRequest { Name = name, TurnId = call.Ended!.TurnId })).AsInEvent(), call.Ended);
        }

        // The revisions of the recorded turns are 1, 2, 3 ...: none is lost, none is there twice, and nobody else sent any.
        var recorded = calls.Where(c => c.Ended!.Revision > 0).OrderBy(c => c.Ended!.Revision).ToList();
        Assert.Equal(Enumerable.Range(1, recorded.Count).Select(i => (long)i), recorded.Select(c => c.Ended!.Revision));
        Assert.Equal((recorded.Count, recorded.Count), (chat.Revision, chat.TurnCount));
        Assert.All(calls.Except(recorded), c => Assert.Equal(Turn.Types.State.Cancelled, c.Ended!.State));

        var all = await HistoryAsync(client, name, curated: false);
        Assert.Equal(recorded.Select(c => ("user", c.Request.Text)), all.Where((_, i) => i % 2 == 0));
        Assert.Equal(Enumerable.Repeat("model", recorded.Count), all.Where((_, i) => i % 2 == 1).Select(c => c.Role));
        foreach (var (call, answer) in recorded.Zip(all.Where((_, i) => i % 2 == 1)))
        {
            await CheckTurnAsync(client, call, answer.Text);
        }

        var curated = recorded.Where(c => c.Ended!.State == Turn.Types.State.Completed);
        Assert.All(curated, c => Assert.True(c.Ended!.Curated));
        Assert.Equal(
            curated.SelectMany(c => new[] { ("user", c.Request.Text), ("model", c.Request.Text) }), await HistoryAsync(client, name, curated: true));
        CheckOrder(recorded);
    }

    private static async Task CheckTurnAsync(V1.Chats.ChatsClient client, TurnCall call, string answer)
    {
        // The echo says what it is told; one that was stopped, a part of it.
        var state = call.Ended!.State;
        Assert.True(state is Turn.Types.State.Completed or Turn.Types.State.Cancelled, $"{call.Ended}");
        Assert.StartsWith(answer, call.Request.Text, StringComparison.Ordinal);
        Assert.True(state is Turn.Types.State.Cancelled || answer == call.Request.Text, $"{call.Ended}");
        if (call.Mode is not CallMode.Unary || state is Turn.Types.State.Completed)
        {
            Assert.Equal(answer, call.Text);
        }

        var copy = new TurnCopy();
        foreach (var next in await Echo.AllAsync(client.ReadTurn(new ReadTurnRequest { Name = call.Request.Name, TurnId = call.Ended.TurnId })))
        {
            copy.Add(next);
        }

        Assert.Equal((call.Ended, answer), (copy.Ended, copy.Text));
    }

    // A send that began after another one's end was known stands behind it.
    private static void CheckOrder(List<TurnCall> recorded)
    {
        var firstEndBehind = long.MaxValue;
        foreach (var call in Enumerable.Reverse(recorded))
        {
            Assert.True(call.Times.Sent <= firstEndBehind, $"{call.Ended} stands before a turn that had ended when it was sent.");
            firstEndBehind = Math.Min(firstEndBehind, call.Times.Ended);
        }
    }

    /// <summary>A chat's contents, as role and text.</summary>
    public static async Task<List<(string Role, string Text)>> HistoryAsync(V1.Chats.ChatsClient client, string name, bool curated, long? revision = null)
    {
        var contents = new List<(string, string)>();
        var request = new GetHistoryRequest { Name = name, Curated = curated };
        if (revision is { } end)
        {
            request.Revision = end;
        }

        do
        {
            var page = await client.GetHistoryAsync(request);
            contents.AddRange(page.History.Select(c => (c.Role, string.Concat(c.Parts.Select(p => p.Text)))));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return contents;
    }
}
