using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.StandIns;

/// <summary>Interceptors of both sides see every kind of call, in order.</summary>
public sealed class InterceptorTests
{
    private readonly ConcurrentQueue<string> _passed = [];

    [Theory]
    [InlineData("Once")]
    [InlineData("Repeat")]
    [InlineData("Join")]
    [InlineData("Each")]
    public async Task Call_OfEveryKind_PassesClientThenServerInterceptors(string method)
    {
        await using var server = await StartAsync();
        var invoker = server.Channel.Intercept(new RecordingInterceptor("outer", _passed), new RecordingInterceptor("inner", _passed));

        await CallAsync(new Echo.EchoClient(invoker), method);

        Assert.Equal(
            [$"outer: {method}", $"inner: {method}", $"first: /genai.chats.standins.Echo/{method}", $"second: /genai.chats.standins.Echo/{method}"],
            _passed);
    }

    [Fact]
    public async Task BlockingCall_PassesInterceptors()
    {
        await using var server = await StartAsync();
        var client = new Echo.EchoClient(server.Channel.Intercept(new RecordingInterceptor("outer", _passed)));

        Assert.Equal("hello", client.Once(new Said { Text = "hello" }).Text);
        Assert.Equal("outer: Once", _passed.First());
    }

    [Fact]
    public async Task HeaderFunction_SaysWhatTheHeadersAre()
    {
        await using var server = await StartAsync();
        var client = new Echo.EchoClient(server.Channel.Intercept(headers => [.. headers, new Metadata.Entry("say", "hi")]));

        using var call = client.OnceAsync(new Said());

        Assert.Equal("hi", (await call.ResponseHeadersAsync).GetValue("said"));
    }

    private Task<GrpcServer> StartAsync() =>
        GrpcServer.StartAsync(
            services =>
            {
                services.AddSingleton<EchoService>();
                services.AddGrpc(options =>
                {
                    options.Interceptors.Add<RecordingInterceptor>("first", _passed);
                    options.Interceptors.Add<RecordingInterceptor>("second", _passed);
                });
            },
            app => app.MapGrpcService<EchoService>());

    private static async Task CallAsync(Echo.EchoClient client, string method)
    {
        switch (method)
        {
            case "Once":
                await client.OnceAsync(new Said());
                break;
            case "Repeat":
                using (var call = client.Repeat(new Said()))
                {
                    Assert.False(await call.ResponseStream.MoveNext());
                }

                break;
            case "Join":
                using (var call = client.Join())
                {
                    await call.RequestStream.CompleteAsync();
                    await call;
                }

                break;
            default:
                using (var call = client.Each())
                {
                    await call.RequestStream.CompleteAsync();
                    Assert.False(await call.ResponseStream.MoveNext());
                }

                break;
        }
    }
}
