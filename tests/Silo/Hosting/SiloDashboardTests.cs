using GenAI.Chats.Silo.Hosting;

namespace GenAI.Chats.Silo.Tests.Hosting;

/// <summary>Where a silo serves the Orleans Dashboard.</summary>
public sealed class SiloDashboardTests
{
    private const string On = "--Orleans:Dashboard=true";
    private const string Open = "--Silo:Address=0.0.0.0";

    [Fact]
    public void Build_AuthenticatedAndOpenToOthers_IsRejected()
    {
        var failure = Assert.ThrowsAny<Exception>(() => SiloServer.Build([On, Open, "--Authentication:Schemes=Jwt"]));

        Assert.Equal(
            "Orleans:Dashboard: invalid value 'true'. Expected: false, because Authentication:Schemes requires authentication, the dashboard shows the activity of all tenants, "
            + "and Silo:Address (0.0.0.0) is not a loopback address.",
            StartFailure.Explain(failure, SiloServerOptions.SectionName));
    }

    [Fact]
    public async Task Build_OpenToOthersWithoutAuthentication_IsAllowed()
    {
        await using var silo = SiloServer.Build([On, Open]);
    }
}
