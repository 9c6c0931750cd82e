using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Tests.Grain;

public sealed class ChatGrainTests(ChatCluster cluster) : IClassFixture<ChatCluster>
{
    [Fact]
    public async Task SendAsync_ModelAnswers_TurnIsReadAndRecorded()
    {
        var chat = await cluster.NewChatAsync();

        var turn = await chat.SendAsync("hello", "r1");
        var call = await cluster.Model.NextCallAsync();
        call.Say("hi ");
        call.Finish("there");

        Assert.Equal("started hi  there ended", Messages.Line(await chat.ReadToEndAsync(turn.TurnId)));
        Assert.Equal("u:hello m:hi there", await chat.HistoryAsync(curated: true));
        Assert.Equal(turn, await chat.SendAsync("hello", "r1"));
    }

    [Fact]
    public async Task ReadTurnAsync_WhileATurnRuns_OtherCallsAreAnswered()
    {
        var chat = await cluster.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await cluster.Model.NextCallAsync();
        var read = chat.ReadTurnAsync(turn.TurnId, 1).AsTask();

        Assert.Equal(turn.TurnId, (await chat.GetAsync()).ActiveTurnId);
        Assert.Equal("", await chat.HistoryAsync());
        Assert.Equal(Turn.Types.State.Running, (await chat.GetTurnAsync(turn.TurnId)).State);
        var queued = await chat.SendAsync("u2");
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.CancelTurnAsync(queued.TurnId)).State);
        Assert.False(read.IsCompleted);

        call.Say("m1");
        Assert.Equal("m1", Messages.Line((await read).Decode()));
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.CancelTurnAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task GetAsync_CallerGivesUp_StoreIsTold()
    {
        var chat = await cluster.NewChatAsync();
        var gate = cluster.Store.HoldOnce(nameof(IChatStore.LoadAsync));
        using var caller = new CancellationTokenSource();
        var read = chat.GetAsync(caller.Token);
        await gate.Reached;
        var told = new TaskCompletionSource();
        using var registration = cluster.Store.LastLoad.Register(told.SetResult);

        await caller.CancelAsync();

        await told.Task.WaitAsync(Patience.Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        gate.Open();
    }

    [Fact]
    public async Task ActivationCollection_TurnRuns_ActivationIsKeptUntilItHasEnded()
    {
        var chat = await cluster.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await cluster.Model.NextCallAsync();

        await cluster.CollectAsync();
        await cluster.CollectAsync();

        Assert.True(cluster.IsActive(chat));
        call.Finish("m1");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Attempt);
        var gone = cluster.WaitForDeactivationAsync(chat);
        while (!gone.IsCompleted)
        {
            await cluster.CollectAsync();
        }

        await gone;
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Shed_IdleChats_LeaveTheMemoryAndRunningOnesStay()
    {
        var (idle, busy) = (await cluster.NewChatAsync(), await cluster.NewChatAsync());
        await busy.SendAsync("u1");
        var call = await cluster.Model.NextCallAsync();

        var gone = cluster.WaitForDeactivationAsync(idle);
        while (!gone.IsCompleted)
        {
            await cluster.Services.GetRequiredService<IIdleChats>().ShedAsync(TimeSpan.Zero);
        }

        await gone;
        Assert.True(cluster.IsActive(busy));
        call.Finish("m1");
    }

    [Fact]
    public async Task Deactivation_TurnRuns_IsTakenUpWithTheNextRead()
    {
        var chat = await cluster.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var first = await cluster.Model.NextCallAsync();
        first.Say("void");
        var read = chat.ReadToEndAsync(turn.TurnId);

        await cluster.DeactivateAsync(chat);

        await first.Stopped;
        (await cluster.Model.NextCallAsync()).Finish("m1");
        Assert.EndsWith("started m1 ended", Messages.Line(await read), StringComparison.Ordinal);
        Assert.Equal((2, 1L), ((await read)[^1].Ended.Attempt, (await read)[^1].Ended.Revision));
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Deactivation_TurnRunsAndNoClientCalls_RecoveryRunsIt()
    {
        var chat = await cluster.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await cluster.Model.NextCallAsync();

        await cluster.DeactivateAsync(chat);

        (await cluster.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task Recovery_ChatCannotBeWoken_TriesAgain()
    {
        var chat = await cluster.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await cluster.Model.NextCallAsync();
        var failures = 3;
        cluster.Store.Around = (name, call) => name == nameof(IChatStore.LoadAsync) && failures-- > 0
            ? throw new ChatStoreException("The test's store fails.")
            : call();

        await cluster.DeactivateAsync(chat);

        (await cluster.Model.NextCallAsync()).Finish("m1");
        cluster.Store.Around = null;
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task DeleteAsync_TurnRuns_ChatAndActivationAreGone()
    {
        var chat = await cluster.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await cluster.Model.NextCallAsync();
        var gone = cluster.WaitForDeactivationAsync(chat);

        Assert.True(await chat.DeleteAsync("delete"));

        await call.Stopped;
        await gone;
        await Assert.ThrowsAsync<ChatException>(() => chat.GetAsync());
    }

    public static TheoryData<string, Func<IChatGrain, Task>> GuessedCalls => new()
    {
        { "Get", c => c.GetAsync() },
        { "Send", c => c.SendAsync("u1") },
        { "Record", c => c.RecordAsync(Messages.Record("u", "m")).AsTask() },
        { "ReadTurn", c => c.ReadTurnAsync("t", 0).AsTask() },
        { "GetTurn", c => c.GetTurnAsync("t") },
        { "GetRequestedTurn", c => c.GetRequestedTurnAsync("r") },
        { "CancelTurn", c => c.CancelTurnAsync("t") },
        { "GetHistory", c => c.GetHistoryAsync(new GetHistoryRequest()) },
    };

    [Theory]
    [MemberData(nameof(GuessedCalls))]
    public async Task Call_ChatDoesNotExist_NotFoundAndTheActivationEnds(string name, Func<IChatGrain, Task> call)
    {
        var chat = cluster.NoChat();

        var failure = await Assert.ThrowsAsync<ChatException>(() => call(chat));

        Assert.True((Code.NotFound, "CHAT_NOT_FOUND") == (failure.Code, failure.Reason), name);
        await cluster.WaitForDeactivationAsync(chat);
        Assert.False(cluster.IsActive(chat));
    }

    [Fact]
    public async Task Call_Refused_ExceptionArrivesWithAllItsFields()
    {
        var chat = await cluster.NewChatAsync();
        var request = Messages.Send("u1", expectedRevision: 7);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(request, stream: true).AsTask());

        Assert.Equal((Code.Aborted, "REVISION_MISMATCH"), (failure.Code, failure.Reason));
        Assert.Equal(("expected_revision", "0"), (failure.Field, failure.Metadata["revision"]));
        Assert.Contains("revision 0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_StoreFails_UnavailableWithARetryDelayAndTheNextCallGoesOn()
    {
        var chat = await cluster.NewChatAsync();
        cluster.Store.FailOnce(nameof(AcceptStep), afterwards: true);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", "r1"));

        Assert.Equal((Code.Unavailable, "STORE_UNAVAILABLE"), (failure.Code, failure.Reason));
        Assert.NotNull(failure.RetryDelay);
        (await cluster.Model.NextCallAsync()).Finish("m1");
        var turn = await RetryAsync(() => chat.SendAsync("u1", "r1"));
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Call_ChatWasWrittenElsewhere_ConflictArrivesTypedAndTheNextActivationKnows()
    {
        var chat = await cluster.NewChatAsync();
        var key = ChatKey.Parse(chat.GetPrimaryKeyString());
        var record = (await cluster.Store.LoadAsync(key, CancellationToken.None))!.Chat;
        await cluster.Store.UpdateSettingsAsync(key, record.Version, record.Settings, DateTimeOffset.UtcNow, 0);

        await Assert.ThrowsAsync<ChatConflictException>(() => chat.SendAsync("u1", "r1"));

        await RetryAsync(() => chat.SendAsync("u1", "r1"));
        (await cluster.Model.NextCallAsync()).Finish("m1");
    }

    // As the front door does, while the activation is about to end.
    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (ChatConflictException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}
