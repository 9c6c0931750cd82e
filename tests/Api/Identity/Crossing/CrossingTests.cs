using System.Security.Claims;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.TestKit;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <summary>Thousands of calls of tenants, guessers and thieves: none sees, or changes, what is another's.</summary>
public sealed class CrossingTests(ITestOutputHelper output)
{
    private const int Lanes = 8;

    private static readonly int Calls = Suite.Pick(6_000, inLongRuns: 10_000);

    private readonly int _seed = Random.Shared.Next(1_000_000);

    [Fact]
    public async Task RandomCalls_OfTwoTenants_NothingCrosses()
    {
        var (revoked, expired) = (ApiKey.New(), ApiKey.New());
        await using var server = new DisposableServer(await TenantsServer.StartWithAsync(
            tenants => TenantsServer.KeysJson([.. tenants, ("expired", TenantsServer.Alpha, expired, DateTimeOffset.UtcNow.AddDays(-1))])));

        var answered = await RunAsync((TenantsServer)server.Value, Calls, revoked, expired);

        output.WriteLine($"{answered} of {Calls} calls answered");

        // With too few answers the test would show nothing.
        Assert.InRange(answered, Calls / 5, Calls);
    }

    [Fact]
    public async Task RandomCalls_OneKeyInTheWrongTenant_IsNoticed()
    {
        await using var server = new DisposableServer(await TenantsServer.StartWithAsync(
            tenants => TenantsServer.KeysJson(tenants.Select(t => t with { Tenant = TenantsServer.Alpha }))));

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RunAsync((TenantsServer)server.Value, Calls));
    }

    [Fact]
    public async Task RandomCalls_OneInAHundredTakenForAnothers_IsNoticed()
    {
        await using var server = new DisposableServer(await TenantsServer.StartWithAsync(
            TenantsServer.KeysJson, builder => builder.Services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<Confused>())));

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => RunAsync((TenantsServer)server.Value, Calls));
    }

    private async Task<int> RunAsync(TenantsServer server, int calls, params string[] past)
    {
        output.WriteLine($"Seed {_seed}");
        var credentials = new RandomCredentials(server, past);
        var lanes = Enumerable.Range(0, Lanes).Select(i => new Lane(server.Client, credentials, _seed + i)).ToList();
        using var failed = new CancellationTokenSource();
        await Task.WhenAll(lanes.Select(lane => lane.RunAsync(calls / Lanes, failed)));
        foreach (var lane in lanes)
        {
            await lane.CheckAsync(TenantsServer.Alpha, server.As(TenantsServer.Alpha));
            await lane.CheckAsync(TenantsServer.Beta, server.As(TenantsServer.Beta));
        }

        return lanes.Sum(lane => lane.Answered);
    }

    // A server that mixes up its callers now and then.
    private sealed class Confused : Interceptor
    {
        private static int _calls;

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            if (Interlocked.Increment(ref _calls) % 100 == 0)
            {
                context.GetHttpContext().User = new ClaimsPrincipal(Caller.Identity(TenantsServer.Alpha, null, "Test"));
            }

            return continuation(request, context);
        }
    }
}
