using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A server on a machine that sets its clock.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task ClockIsSet_TurnsRunOnAndOtherChatsAnswer(int days)
    {
        await using var owner = new DisposableServer(await ClockServer.StartAsync());
        var server = (ClockServer)owner.Value;
        var chat = await server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")), ScriptedReply.StreamOf("three"));
        using var call = chat.Stream("hi");
        await call.NextAsync();
        await gate.Reached.InTime();

        server.Clock.Set(TimeSpan.FromDays(days));

        var other = await server.NewChatAsync("echo");
        Assert.Equal(Turn.Types.State.Completed, (await other.SendAsync("hi")).Turn.State);
        gate.Open();
        Assert.Equal(Turn.Types.State.Completed, (await call.ToListAsync())[^1].Ended.State);
        using var next = chat.Stream("hi");
        Assert.Equal(Turn.Types.State.Completed, (await next.ToListAsync())[^1].Ended.State);
    }

    private sealed class ClockServer : TestServer
    {
        public SettableClock Clock { get; } = new();

        public static async Task<TestServer> StartAsync()
        {
            var server = new ClockServer();
            await server.InitializeAsync();
            return server;
        }

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);
    }

    private sealed class SettableClock : TimeProvider
    {
        private long _offset;

        public void Set(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
