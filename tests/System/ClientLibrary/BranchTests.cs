using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Chat = GenAI.Chats.Client.Chat;

namespace GenAI.Chats.SystemTests.ClientLibrary;

/// <summary>The client's methods for branches, forks, and expiry, with the service.</summary>
public sealed class BranchTests
{
    [Fact]
    public async Task EditRegenerateAndRewind_ChangeTheHistory()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model);
        var one = await chat.SendMessageAsync("one");
        var two = await chat.SendMessageAsync("two");

        var edited = await chat.EditAsync(two.Turn.TurnId, "deux");
        Assert.Equal("deux", edited.Text);
        Assert.Equal(["one", "deux"], await MessagesAsync(chat));
        Assert.Equal(["one"], await chat.RegenerateStreamAsync(one.Turn.TurnId).Select(chunk => chunk.Text).ToListAsync());
        Assert.Equal(["one"], await MessagesAsync(chat));
        Assert.Equal(2, (await chat.RewindAsync(two.Turn.Revision)).HeadRevision);
        Assert.Equal(["one", "two"], await MessagesAsync(chat));

        Assert.Equal(["one", "two", "deux", "one"], await MessagesAsync(chat, new ListTurnsOptions { View = TurnView.Full, AllBranches = true, PageSize = 1 }));
        Assert.Equal(
            ["deux", "one"],
            await MessagesAsync(chat, new ListTurnsOptions { View = TurnView.Full, NewestFirst = true, Revision = edited.Turn.Revision, PageSize = 1 }));
        Assert.Equal(2, (await chat.GetHistoryAsync(revision: 1)).Count);
        var turn = await chat.GetTurnAsync(edited.Turn.TurnId);
        Assert.Equal(("deux", "deux", 1, false), (turn.Message.Parts[0].Text, turn.Output[0].Parts[0].Text, turn.ParentRevision, turn.InHistory));
    }

    [Fact]
    public async Task Edit_WithTheSameRequestId_IsOneTurn()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model);
        var sent = await chat.SendMessageAsync("one");
        var once = new SendOptions { RequestId = "once" };

        var first = await chat.EditAsync(sent.Turn.TurnId, "uno", once);
        await chat.RewindAsync(sent.Turn.Revision);
        var second = await chat.EditAsync(sent.Turn.TurnId, "uno", once);

        Assert.Equal(first.Turn.TurnId, second.Turn.TurnId);
        Assert.Equal(["one"], await MessagesAsync(chat));
    }

    [Fact]
    public async Task Fork_SourceIsDeleted_IsWhole()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model, options: new CreateOptions { Labels = new Dictionary<string, string> { ["user"] = "u" } });
        await chat.RecordHistoryAsync([new Content { Role = "model", Parts = { new Part { Text = "Welcome!" } } }]);
        await chat.SendMessageAsync("one");

        var fork = await chat.ForkAsync(options: new ForkOptions { ChatId = "fork", DisplayName = "A fork" });
        await chat.DeleteAsync();
        await fork.SendMessageAsync("two");

        var state = await fork.GetAsync();
        Assert.Equal(("A fork", "u", chat.Name, 2), (state.DisplayName, state.Labels["user"], state.ForkedFrom.Name, state.ForkedFrom.Revision));
        Assert.Equal(["Welcome!", "one", "one", "two", "two"], (await fork.GetHistoryAsync()).Select(content => content.Parts[0].Text));
    }

    [Fact]
    public async Task Erase_TurnsAreGone_RetriesAreRejected()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model);
        await chat.SendMessageAsync("one");
        var options = new SendOptions { RequestId = "erased" };
        var erased = await chat.SendMessageAsync("two", options);

        await chat.RewindAsync(1, new RewindOptions { Erase = true });

        Assert.Equal("TURN_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.GetTurnAsync(erased.Turn.TurnId))).Reason);
        Assert.Equal("TURN_ERASED", (await Assert.ThrowsAsync<ChatException>(() => chat.SendMessageAsync("two", options))).Reason);
        Assert.Equal("REVISION_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(2))).Reason);
    }

    [Fact]
    public async Task Expiry_SetChangedAndRemoved_IsInTheChat()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var time = DateTimeOffset.UtcNow.AddDays(1);
        var chat = await client.CreateAsync(Echo.Model, options: new CreateOptions { Ttl = TimeSpan.FromHours(1) });

        Assert.Equal(TimeSpan.FromHours(1), (await chat.GetAsync()).Ttl.ToTimeSpan());
        Assert.Equal(time, (await chat.UpdateAsync(new ChatUpdate { ExpireTime = time })).ExpireTime.ToDateTimeOffset());
        Assert.Null((await chat.UpdateAsync(new ChatUpdate { NeverExpires = true })).ExpireTime);
        Assert.NotNull((await chat.UpdateAsync(new ChatUpdate { Ttl = TimeSpan.FromHours(1) })).ExpireTime);
        var both = new ChatUpdate { ExpireTime = time, Ttl = TimeSpan.FromHours(1) };
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<ChatException>(() => chat.UpdateAsync(both))).Status);
    }

    [Fact]
    public async Task Watch_OtherClientChangesTheChat_ReturnsTheEventsAndResumes()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model);
        var events = new List<ChatEvent>();
        await foreach (var next in chat.WatchAsync())
        {
            events.Add(next);
            if (events.Count == 1)
            {
                await client.Open(chat.Id).SendMessageStreamAsync("one two").CountAsync();
            }

            if (next.Turn?.Event.Ended is not null)
            {
                break;
            }
        }

        await chat.SendMessageAsync("three");
        await chat.DeleteAsync();
        var rest = await chat.WatchAsync(events[^1].Token).ToListAsync();

        Assert.Equal("one two", Assert.Single(events, e => e.Accepted is not null).Accepted.Message.Parts[0].Text);
        Assert.Equal(["one ", "two"], events.Where(e => e.Turn?.Event.Chunk is not null).Select(e => e.Turn.Event.Chunk.Candidates[0].Content.Parts[0].Text));
        Assert.NotNull(rest[^1].Deleted);
    }

    private static async Task<IReadOnlyList<string>> MessagesAsync(Chat chat, ListTurnsOptions? options = null) =>
        await chat.ListTurnsAsync(options ?? new ListTurnsOptions { View = TurnView.Full }).Select(turn => turn.Message.Parts[0].Text).ToListAsync();
}
