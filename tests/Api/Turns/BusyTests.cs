using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Sends that find a turn queued or running.</summary>
public sealed class BusyTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(BusyPolicy.Unspecified)]
    [InlineData(BusyPolicy.Enqueue)]
    public async Task Send_Busy_WaitsItsTurn(BusyPolicy policy)
    {
        var (chat, running, gate) = await BusyChatAsync();
        using var waiting = Client.SendMessageStream(Request(chat, policy));
        await waiting.ResponseHeadersAsync;
        Assert.Equal(1, (await chat.GetAsync()).QueuedTurns);
        Assert.Single(chat.Requests);

        gate.Open();

        Assert.Equal(["b"], (await waiting.ToListAsync()).Texts());
        Assert.Equal(["two"], (await running.ToListAsync()).Texts());
        Assert.Equal(["u[1]", "m[one two]", "u[2]", "m[b]"], await chat.HistoryAsync(curated: true));
        Assert.Equal(["u[1]", "m[one two]", "u[2]"], Notation.OfContents(chat.Requests[1].Body));
    }

    [Fact]
    public async Task Send_BusyAndReject_FailsAtOnce()
    {
        var (chat, running, gate) = await BusyChatAsync();

        foreach (var failure in (Failure[])[
            await Failure.OfAsync(Client.SendMessageAsync(Request(chat, BusyPolicy.Reject))),
            await Failure.OfAsync(Client.SendMessageStream(Request(chat, BusyPolicy.Reject)))])
        {
            Assert.Equal((StatusCode.FailedPrecondition, "CHAT_BUSY", "on_busy"), (failure.Code, failure.Reason, failure.Field));
        }

        gate.Open();
        await running.ToListAsync();
        using var call = Client.SendMessageStream(Request(chat, BusyPolicy.Reject));
        Assert.Equal(["b"], (await call.ToListAsync()).Texts());
    }

    [Theory]
    [InlineData(BusyPolicy.Interrupt, new[] { "u[1]", "m[one ]", "u[2]", "m[b]" })]
    [InlineData(BusyPolicy.Rollback, new[] { "u[2]", "m[b]" })]
    public async Task Send_BusyAndInterruptOrRollback_StopsThoseBeforeIt(BusyPolicy policy, string[] history)
    {
        var (chat, running, _) = await BusyChatAsync();
        using var queued = chat.Stream("queued");
        await queued.ResponseHeadersAsync;

        using var call = Client.SendMessageStream(Request(chat, policy));

        Assert.Equal(["b"], (await call.ToListAsync()).Texts());
        await chat.Requests[0].ClosedByClient.InTime();
        foreach (var stopped in (AsyncServerStreamingCall<TurnEvent>[])[running, queued])
        {
            Assert.Equal((StatusCode.Cancelled, "TURN_CANCELLED"), Code(await Failure.OfAsync(stopped)));
        }

        Assert.Equal(history, await chat.HistoryAsync());
        Assert.Equal(["u[2]", "m[b]"], await chat.HistoryAsync(curated: true));
        Assert.Equal(["u[2]"], Notation.OfContents(chat.Requests[1].Body));
    }

    [Fact]
    public async Task RecordHistory_Busy_IsRecordedBehindTheTurn()
    {
        var (chat, running, gate) = await BusyChatAsync();
        var record = Client.RecordHistoryAsync(
            new RecordHistoryRequest
            {
                Name = chat.Name,
                UserInput = Notation.Parse("u[a]"),
                ModelOutput = { Notation.Parse("m[b]") },
                IsValid = true,
            });

        gate.Open();

        Assert.Equal(2, (await record).Revision);
        await running.ToListAsync();
        Assert.Equal(["u[1]", "m[one two]", "u[a]", "m[b]"], await chat.HistoryAsync(curated: true));
    }

    private static (StatusCode, string?) Code(Failure failure) => (failure.Code, failure.Reason);

    private static SendMessageRequest Request(TestChat chat, BusyPolicy policy)
    {
        var request = chat.Message("2");
        request.OnBusy = policy;
        return request;
    }

    // A chat with a turn that has said one word, and says the second when the gate is opened.
    private async Task<(TestChat Chat, AsyncServerStreamingCall<TurnEvent> Running, Gate Gate)> BusyChatAsync()
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(
            ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")),
            ScriptedReply.StreamOf("b"));
        var running = chat.Stream("1");
        await running.NextAsync();
        await running.NextAsync();
        return (chat, running, gate);
    }
}
