using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.StandIns;

/// <summary>The published server and client work on the contract that stands in.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private GrpcServer _server = null!;
    private Echo.EchoClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await GrpcServer.StartAsync(
            services =>
            {
                services.AddSingleton<EchoService>();
                services.AddGrpc(options => options.ResponseCompressionAlgorithm = "gzip");
            },
            app => app.MapGrpcService<EchoService>());
        _client = new Echo.EchoClient(_server.Channel);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Unary_CarriesMessageHeadersAndTrailers()
    {
        using var call = _client.OnceAsync(new Said { Text = "hello" }, new Metadata { { "Say", "hi" }, { "say-bin", [0, 200] } });

        Assert.Equal("hello", (await call).Text);
        var headers = await call.ResponseHeadersAsync;
        Assert.Equal("hi", headers.GetValue("said"));
        Assert.Equal<byte[]>([0, 200], headers.GetValueBytes("said-bin"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.StartsWith("/genai.chats.standins.Echo/Once of 127.0.0.1:", call.GetTrailers().GetValue("last"));
    }

    [Fact]
    public void BlockingUnary_CarriesMessage()
    {
        Assert.Equal("hello", _client.Once(new Said { Text = "hello" }).Text);
    }

    [Fact]
    public async Task ServerStreaming_CarriesEveryMessageInOrder()
    {
        using var call = _client.Repeat(new Said { Text = "again", Times = 100 });

        var times = new List<int>();
        await foreach (var said in call.ResponseStream.ReadAllAsync())
        {
            times.Add(said.Times);
        }

        Assert.Equal(Enumerable.Range(1, 100), times);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ClientStreaming_CarriesEveryMessageInOrder()
    {
        using var call = _client.Join();

        foreach (var word in new[] { "one", "two", "three" })
        {
            await call.RequestStream.WriteAsync(new Said { Text = word });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(new Said { Text = "one two three", Times = 3 }, await call);
    }

    [Fact]
    public async Task Duplex_CarriesMessagesBothWaysInTurn()
    {
        using var call = _client.Each();

        foreach (var word in new[] { "one", "two" })
        {
            await call.RequestStream.WriteAsync(new Said { Text = word });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(word, call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Failure_CarriesStatusDetailAndTrailers()
    {
        using var call = _client.FailAsync(new Said { Text = "not yet: ä" });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);

        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Equal("not yet: ä", failure.Status.Detail);
        Assert.Equal(EchoService.Details, failure.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal("asked", failure.Trailers.GetValue("reason"));
        Assert.Equal(StatusCode.FailedPrecondition, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Deadline_WhenOver_EndsTheCall()
    {
        using var call = _client.Hang(new Said(), deadline: DateTime.UtcNow.AddSeconds(0.2));

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
            }
        });

        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task Deadline_IsKnownToTheServer()
    {
        var deadline = DateTime.UtcNow.AddHours(1);
        using var call = _client.Hang(new Said { Text = "with a deadline" }, deadline: deadline);
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        var seen = await _server.Services.GetRequiredService<EchoService>().EndOf("with a deadline");
        Assert.InRange(seen, deadline.AddMinutes(-1), deadline.AddMinutes(1));
    }

    [Fact]
    public async Task Cancellation_EndsTheCallOnBothSides()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _client.Hang(new Said { Text = "without a deadline" }, cancellationToken: cancel.Token);
        Assert.True(await call.ResponseStream.MoveNext());

        await cancel.CancelAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal(DateTime.MaxValue, await _server.Services.GetRequiredService<EchoService>().EndOf("without a deadline"));
    }

    [Fact]
    public async Task Credentials_OfACall_AddTheirHeaders()
    {
        var credentials = CallCredentials.Compose(
            CallCredentials.FromInterceptor((_, headers) => Add(headers, "other", "first")),
            CallCredentials.FromInterceptor((context, headers) => Add(headers, "say", context.MethodName)));
        using var channel = GrpcChannel.ForAddress(
            $"http://{_server.Channel.Target}",
            new GrpcChannelOptions
            {
                Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, credentials),
                UnsafeUseInsecureChannelCallCredentials = true,
            });

        using var call = new Echo.EchoClient(channel).OnceAsync(new Said());

        Assert.Equal("Once", (await call.ResponseHeadersAsync).GetValue("said"));

        static Task Add(Metadata headers, string key, string value)
        {
            headers.Add(key, value);
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compression_OfARequest_IsUndoneByTheServer(string encoding)
    {
        using var channel = GrpcChannel.ForAddress(
            $"http://{_server.Channel.Target}",
            new GrpcChannelOptions
            {
                CompressionProviders =
                [
                    new GzipCompressionProvider(CompressionLevel.Fastest),
                    new DeflateCompressionProvider(CompressionLevel.Fastest),
                ],
            });
        var text = new string('x', 10_000);

        var said = await new Echo.EchoClient(channel)
            .OnceAsync(new Said { Text = text }, new Metadata { { "grpc-internal-encoding-request", encoding } });

        Assert.Equal(text, said.Text);
    }
}
