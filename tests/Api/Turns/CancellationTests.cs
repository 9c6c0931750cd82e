using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Callers that go away, and turns that are stopped.</summary>
public sealed class CancellationTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    // Long enough for the turn to start on a busy machine: a deadline cannot be moved once the call is made.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task SendMessageStream_CallerCancels_TurnRunsOnAndIsRecorded()
    {
        var (chat, gate) = await ChatAsync();
        using var call = chat.Stream("hi");
        var turnId = (await call.NextAsync()).Started.TurnId;
        Assert.Equal("one ", (await call.NextAsync()).Chunk.Candidates[0].Content.Parts[0].Text);

        call.Dispose();
        gate.Open();

        Assert.Equal(Turn.Types.State.Completed, (await chat.EndAsync(turnId)).State);
        Assert.Equal(["u[hi]", "m[one two]"], await chat.HistoryAsync(curated: true));
        Assert.False(chat.Requests[0].ClosedByClient.IsCompleted);
    }

    [Fact]
    public async Task SendMessageStream_CallerCancelsWithPolicyCancel_ModelCallIsClosedAndThePartKeptOutOfCuratedHistory()
    {
        var (chat, gate) = await ChatAsync();
        var request = chat.Message("hi");
        request.OnDisconnect = DisconnectPolicy.Cancel;
        using var call = Client.SendMessageStream(request);
        var turnId = (await call.NextAsync()).Started.TurnId;
        await call.NextAsync();
        await gate.Reached.InTime();

        call.Dispose();

        await chat.Requests[0].ClosedByClient.InTime();
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.EndAsync(turnId)).State);
        Assert.Equal(["u[hi]", "m[one ]"], await chat.HistoryAsync());
        Assert.Empty(await chat.HistoryAsync(curated: true));
    }

    [Theory]
    [InlineData(DisconnectPolicy.Unspecified)]
    [InlineData(DisconnectPolicy.Continue)]
    [InlineData(DisconnectPolicy.Cancel)]
    public async Task SendMessage_CallerCancels_TurnGoesByThePolicy(DisconnectPolicy policy)
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(GatedText(gate, "ok"));
        var request = chat.Message("hi");
        request.OnDisconnect = policy;
        using var caller = new CancellationTokenSource();
        var call = Client.SendMessageAsync(request, cancellationToken: caller.Token);
        await gate.Reached.InTime();
        var turnId = (await chat.GetAsync()).ActiveTurnId;

        await caller.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Failure.OfAsync(call)).Code);
        if (policy == DisconnectPolicy.Cancel)
        {
            await chat.Requests[0].ClosedByClient.InTime();
            Assert.Equal(Turn.Types.State.Cancelled, (await chat.EndAsync(turnId)).State);
            Assert.Empty(await chat.HistoryAsync());
        }
        else
        {
            gate.Open();
            Assert.Equal(Turn.Types.State.Completed, (await chat.EndAsync(turnId)).State);
            Assert.Equal(["u[hi]", "m[ok]"], await chat.HistoryAsync(curated: true));
        }
    }

    [Fact]
    public async Task Send_DeadlinePasses_TurnGoesByThePolicy()
    {
        await Task.WhenAll(
            RunAsync(stream: false, DisconnectPolicy.Continue),
            RunAsync(stream: true, DisconnectPolicy.Continue),
            RunAsync(stream: true, DisconnectPolicy.Cancel));

        async Task RunAsync(bool stream, DisconnectPolicy policy)
        {
            var chat = await Server.NewChatAsync();
            var gate = new Gate();
            chat.Answer(stream ? ScriptedReply.Stream().WaitFor(gate).Event(GeminiJson.Text("ok", "STOP")) : GatedText(gate, "ok"));
            var request = chat.Message("hi");
            request.OnDisconnect = policy;
            var deadline = DateTime.UtcNow + Deadline;
            var call = stream
                ? Failure.OfAsync(Client.SendMessageStream(request, deadline: deadline))
                : Failure.OfAsync(Client.SendMessageAsync(request, deadline: deadline));
            await gate.Reached.InTime();
            var turnId = (await chat.GetAsync()).ActiveTurnId;

            Assert.Equal(StatusCode.DeadlineExceeded, (await call).Code);

            if (policy == DisconnectPolicy.Continue)
            {
                gate.Open();
            }

            var ended = await chat.EndAsync(turnId);
            Assert.Equal(policy == DisconnectPolicy.Continue ? Turn.Types.State.Completed : Turn.Types.State.Cancelled, ended.State);
            Assert.Equal(policy == DisconnectPolicy.Continue ? ["u[hi]", "m[ok]"] : [], await chat.HistoryAsync(curated: true));
        }
    }

    [Fact]
    public async Task CancelTurn_Running_ClosesTheModelCallAndNotifiesTheCaller()
    {
        var (chat, gate) = await ChatAsync();
        using var call = chat.Stream("hi");
        var turnId = (await call.NextAsync()).Started.TurnId;
        await call.NextAsync();
        await gate.Reached.InTime();

        var turn = await Client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turnId });

        await chat.Requests[0].ClosedByClient.InTime();
        Assert.Equal(Turn.Types.State.Cancelled, turn.State);
        Assert.Null(turn.Error);
        Assert.Equal(turn, (await call.NextAsync()).Ended);
        var failure = await Failure.OfAsync(() => call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal((StatusCode.Cancelled, "TURN_CANCELLED"), (failure.Code, failure.Reason));
        Assert.Equal(turnId, failure.Metadata["turn_id"]);
        Assert.Equal(["u[hi]", "m[one ]"], await chat.HistoryAsync());
        Assert.Empty(await chat.HistoryAsync(curated: true));
        Assert.Equal(turn, await Client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turnId }));
    }

    [Fact]
    public async Task CancelTurn_Queued_EndsItAndTheRunningOneGoesOn()
    {
        var (chat, gate) = await ChatAsync();
        using var running = chat.Stream("1");
        await running.ResponseHeadersAsync;
        using var queued = chat.Stream("2");
        var turnId = (await queued.ResponseHeadersAsync).GetValue("turn-id");

        var turn = await Client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turnId });
        gate.Open();

        Assert.Equal((Turn.Types.State.Cancelled, 0, 0L), (turn.State, turn.Attempt, turn.Revision));
        Assert.Equal((StatusCode.Cancelled, "TURN_CANCELLED"), Code(await Failure.OfAsync(queued)));
        Assert.Equal(["one ", "two"], (await running.ToListAsync()).Texts());
        Assert.Equal(["u[1]", "m[one two]"], await chat.HistoryAsync());
        Assert.Single(chat.Requests);
    }

    [Fact]
    public async Task CancelTurn_Ended_LeavesItAsItIs()
    {
        var chat = await Server.NewChatAsync("echo");
        var turn = (await chat.SendAsync("hi")).Turn;

        Assert.Equal(turn, await Client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turn.TurnId }));
        Assert.Equal(["u[hi]", "m[hi]"], await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task DeleteChat_TurnRuns_StopsItAndFailsItsReaders()
    {
        var (chat, gate) = await ChatAsync();
        using var call = chat.Stream("hi");
        await call.NextAsync();
        await gate.Reached.InTime();

        await Client.DeleteChatAsync(new DeleteChatRequest { Name = chat.Name });

        await chat.Requests[0].ClosedByClient.InTime();
        Assert.Equal((StatusCode.NotFound, "CHAT_NOT_FOUND"), Code(await Failure.OfAsync(call)));
    }

    private static (StatusCode, string?) Code(Failure failure) => (failure.Code, failure.Reason);

    private static ScriptedReply GatedText(Gate gate, string text)
    {
        var reply = ScriptedReply.Body("", "application/json", 200).WaitFor(gate);
        return reply.Write(GeminiJson.Text(text, "STOP"));
    }

    // A chat whose model says one word, and the second when the gate is opened.
    private async Task<(TestChat Chat, Gate Gate)> ChatAsync()
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")));
        return (chat, gate);
    }
}
