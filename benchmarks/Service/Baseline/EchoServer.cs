using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenAI.Chats.Bench.Baseline;

/// <summary>The raw echo, in a process of its own.</summary>
internal static class EchoServer
{
    public static void Run()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, static e => e.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<EchoService>();
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"gRPC on 127.0.0.1:{new Uri(app.Urls.First()).Port}"));
        app.Run();
    }

    internal sealed class EchoService : Echo.EchoBase
    {
        public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => Task.FromResult(request);

        public override async Task Stream(EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
        {
            foreach (var word in request.Text.Split(' '))
            {
                await responseStream.WriteAsync(new EchoMessage { Text = word }, context.CancellationToken);
            }
        }
    }
}
