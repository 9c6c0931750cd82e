using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.StandIns;

/// <summary>The health service answers as the published one does.</summary>
public sealed class HealthTests
{
    private HealthStatus _status = HealthStatus.Healthy;

    [Theory]
    [InlineData(HealthStatus.Healthy, ServingStatus.Serving)]
    [InlineData(HealthStatus.Degraded, ServingStatus.Serving)]
    [InlineData(HealthStatus.Unhealthy, ServingStatus.NotServing)]
    public async Task Check_RunsTheChecksNow(HealthStatus status, ServingStatus expected)
    {
        await using var server = await StartAsync();
        _status = status;

        Assert.Equal(expected, await CheckAsync(server, ""));
    }

    [Fact]
    public async Task Check_OfAMappedService_RunsOnlyItsChecks()
    {
        _status = HealthStatus.Unhealthy;
        await using var server = await StartAsync();

        Assert.Equal(ServingStatus.Serving, await CheckAsync(server, "steady"));
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(server, "shaky"));
        Assert.Equal(ServingStatus.Unknown, await CheckAsync(server, "none"));
    }

    [Fact]
    public async Task Check_OfAnUnmappedService_IsNotFound()
    {
        await using var server = await StartAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => CheckAsync(server, "nobody"));

        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task Check_OfTheCache_AnswersWhatWasPublishedLast()
    {
        await using var server = await StartAsync(useCache: true);
        await Assert.ThrowsAsync<RpcException>(() => CheckAsync(server, ""));

        await PublishAsync(server);
        _status = HealthStatus.Unhealthy;

        Assert.Equal(ServingStatus.Serving, await CheckAsync(server, ""));
        await PublishAsync(server);
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(server, ""));
        Assert.Equal(ServingStatus.Serving, await CheckAsync(server, "steady"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_TellsTheStatusAndThenEveryChange(bool useCache)
    {
        await using var server = await StartAsync(useCache);
        await PublishAsync(server);
        using var call = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));

        await PublishAsync(server);
        _status = HealthStatus.Unhealthy;
        await PublishAsync(server);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(call));

        _status = HealthStatus.Healthy;
        await PublishAsync(server);
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_OfAnUnmappedService_TellsThatItIsUnknown(bool useCache)
    {
        await using var server = await StartAsync(useCache);
        using var call = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest { Service = "nobody" });

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
    }

    [Fact]
    public async Task Watch_WhenTheServerStops_EndsWithNotServing()
    {
        await using var server = await StartAsync();
        using var call = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));

        var stopped = server.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(call));
        Assert.False(await call.ResponseStream.MoveNext());
        await stopped;
    }

    [Fact]
    public async Task Watch_WhenAStatusIsCleared_TellsThatItIsUnknown()
    {
        await using var server = await StartAsync(useCache: true);
        var statuses = server.Services.GetRequiredService<HealthServiceImpl>();
        statuses.SetStatus("own", ServingStatus.Serving);
        using var call = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest { Service = "own" });
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));

        statuses.ClearAll();

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
    }

    private Task<GrpcServer> StartAsync(bool useCache = false) =>
        GrpcServer.StartAsync(
            services =>
            {
                services.AddGrpc();
                services
                    .AddGrpcHealthChecks(options =>
                    {
                        options.UseHealthChecksCache = useCache;
                        options.Services.Map("steady", check => check.Tags.Contains("steady"));
                        options.Services.Map("shaky", check => check.Name == "shaky");
                        options.Services.Map("none", _ => false);
                    })
                    .AddCheck("steady", () => HealthCheckResult.Healthy(), ["steady"])
                    .AddCheck("shaky", () => new HealthCheckResult(_status));

                // The tests publish when they want to.
                services.Configure<HealthCheckPublisherOptions>(options => options.Delay = TimeSpan.FromDays(1));
            },
            app => app.MapGrpcHealthChecksService());

    private static async Task<ServingStatus> CheckAsync(GrpcServer server, string service) =>
        (await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest { Service = service })).Status;

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Status;
    }

    private static async Task PublishAsync(GrpcServer server)
    {
        var report = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        await server.Services.GetRequiredService<IHealthCheckPublisher>().PublishAsync(report, CancellationToken.None);
    }
}
