using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Api.Tests.Limits;

/// <summary>What a client sees of limits.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task Send_OverTheTenantsLimit_NamesTheLimitAndTheDelayAndLeavesNothing()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Limits:Default:ConcurrentTurns=1"));
        var (running, gate) = await BusyAsync(server.Value);
        var chat = await server.Value.NewChatAsync();

        foreach (var failure in (Failure[])[
            await Failure.OfAsync(chat.SendAsync("no request id")),
            await Failure.OfAsync(chat.Stream("no request id")),
            await Failure.OfAsync(server.Value.Client.SendMessageAsync(new() { Name = chat.Name, Text = "later", RequestId = "later" }))])
        {
            Assert.Equal((StatusCode.ResourceExhausted, "TENANT_CONCURRENT_TURNS"), (failure.Code, failure.Reason));
            Assert.Equal(("ConcurrentTurns", "1"), (failure.Metadata["limit"], failure.Metadata["limit_value"]));
            Assert.True(failure.RetryDelay > TimeSpan.Zero);
        }

        Assert.Empty(await chat.HistoryAsync());
        Assert.Equal(0, (await chat.GetAsync()).TurnCount);
        gate.Open();
        await running.ToListAsync();
        chat.Answer(ScriptedReply.Text("m"));
        await server.Value.Client.SendMessageAsync(new() { Name = chat.Name, Text = "later", RequestId = "later" });
        Assert.Equal(["u[later]", "m[m]"], await chat.HistoryAsync());
    }

    [Fact]
    public async Task Send_LimitChangesWhileTheServerRuns_HoldsFromThen()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Limits:Default:ConcurrentTurns=1"));
        var (running, gate) = await BusyAsync(server.Value);
        var chat = await server.Value.NewChatAsync();
        chat.Answer(ScriptedReply.Text("m"));
        Assert.Equal("TENANT_CONCURRENT_TURNS", (await Failure.OfAsync(chat.SendAsync("u"))).Reason);

        ((IConfigurationBuilder)server.Value.App.Configuration).AddInMemoryCollection([new("Limits:Default:ConcurrentTurns", "2")]);

        await chat.SendAsync("u");
        gate.Open();
        await running.ToListAsync();
    }

    [Fact]
    public async Task Create_OverTheTenantsChats_NamesTheLimit()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Limits:Tenants:default:Chats=1"));
        await server.Value.NewChatAsync();

        var failure = await Failure.OfAsync(() => server.Value.NewChatAsync());

        Assert.Equal((StatusCode.ResourceExhausted, "TOO_MANY_CHATS", "Chats", null), (failure.Code, failure.Reason, failure.Metadata["limit"], failure.RetryDelay));
    }

    private static async Task<(AsyncServerStreamingCall<TurnEvent> Running, Gate Gate)> BusyAsync(TestServer server)
    {
        var gate = new Gate();
        var chat = await server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")));
        var running = chat.Stream("1");
        await running.ResponseHeadersAsync;
        return (running, gate);
    }
}
