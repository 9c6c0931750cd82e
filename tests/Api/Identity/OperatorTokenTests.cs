using System.Collections.Concurrent;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>Which tokens are an operator's.</summary>
public sealed class OperatorTokenTests
{
    private const string Alpha = TenantsServer.Alpha;
    private const string Role = "chats-operator";
    private const string OperatorRequired = "OPERATOR_REQUIRED";
    private const string TenantRequired = "TENANT_CREDENTIALS_REQUIRED";
    private const string Invalid = "INVALID_CREDENTIALS";

    private static readonly string[] Settings = ["--Authentication:Jwt:OperatorClaim=roles", $"--Authentication:Jwt:OperatorValue={Role}"];

    /// <summary>Tokens by their claims, and the reasons with which calls of an operator and of a tenant are rejected.</summary>
    private static readonly (string What, object? Roles, object? Tenant, object? Subject, string? OfOperator, string? OfTenant)[] Tokens =
    [
        ("a text", Role, null, "ops", null, TenantRequired),
        ("a list", new[] { "reader", Role }, null, "ops", null, TenantRequired),
        ("a tenant's operator", new[] { Role }, Alpha, "ops", null, null),
        ("another value", "chats-operators", Alpha, "ops", OperatorRequired, null),
        ("another case", "Chats-Operator", Alpha, "ops", OperatorRequired, null),
        ("a list without it", new[] { "reader" }, Alpha, "ops", OperatorRequired, null),
        ("an empty list", Array.Empty<string>(), Alpha, "ops", OperatorRequired, null),
        ("no claim", null, Alpha, "ops", OperatorRequired, null),
        ("an object", new Dictionary<string, bool> { [Role] = true }, null, "ops", Invalid, Invalid),
        ("a list in a list", new[] { new[] { Role } }, null, "ops", Invalid, Invalid),
        ("a number", 7, null, "ops", Invalid, Invalid),
        ("no subject", Role, null, null, Invalid, Invalid),
        ("a subject that isn't text", Role, null, 7, Invalid, Invalid),
        ("a subject with a line break", Role, null, "ops\nroot", Invalid, Invalid),
        ("a long subject", Role, null, new string('s', 257), Invalid, Invalid),
        ("a tenant without a subject", Role, Alpha, null, OperatorRequired, null),
        ("an invalid tenant", Role, "a/b", "ops", null, TenantRequired),
    ];

    [Fact]
    public async Task Token_ServerWithAnOperatorClaim_DecidesWhichMethodsItCanCall()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync(Settings));
        var server = (TenantsServer)own.Value;
        foreach (var (what, roles, tenant, subject, ofOperator, ofTenant) in Tokens)
        {
            // Known from the second time on.
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal((what, ofOperator, ofTenant), (what, await OperatorAsync(server, roles, tenant, subject), await TenantAsync(server, roles, tenant, subject)));
            }
        }
    }

    [Fact]
    public async Task Token_ServerWithoutAnOperatorClaim_IsNoOperators()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync());

        Assert.Equal(OperatorRequired, await OperatorAsync((TenantsServer)own.Value, Role, Alpha, "ops"));
    }

    [Fact]
    public async Task Call_WithAToken_IsLoggedWithItsSubject()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync(Settings));
        var server = (TenantsServer)own.Value;
        using var log = new OperatorCalls();
        server.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);

        await OperatorAsync(server, Role, null, "ops@example.com");

        Assert.Equal("Operator ops@example.com called ListTenantChats for tenant , chat (null), turn (null).", Assert.Single(log.Messages));
    }

    private static Task<string?> OperatorAsync(TenantsServer server, object? roles, object? tenant, object? subject) =>
        ReasonAsync(new Operator.OperatorClient(server.Channel).ListTenantChatsAsync(new ListTenantChatsRequest(), Bearer(server, roles, tenant, subject)));

    private static Task<string?> TenantAsync(TenantsServer server, object? roles, object? tenant, object? subject) =>
        ReasonAsync(server.Client.ListChatsAsync(new ListChatsRequest(), Bearer(server, roles, tenant, subject)));

    private static Metadata Bearer(TenantsServer server, object? roles, object? tenant, object? subject)
    {
        var claims = Issuer.Claims(Alpha);
        foreach (var (name, value) in new[] { ("roles", roles), ("tenant", tenant), ("sub", subject) })
        {
            claims.Remove(name);
            if (value is not null)
            {
                claims[name] = value;
            }
        }

        return new Metadata { { "authorization", $"Bearer {server.Issuer.Sign(claims)}" } };
    }

    private static async Task<string?> ReasonAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            try
            {
                await call;
                return null;
            }
            catch (RpcException rejected)
            {
                return Failure.Of(rejected).Reason;
            }
        }
    }

    private sealed class OperatorCalls : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _messages = new();

        public IReadOnlyList<string> Messages => [.. _messages];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "OperatorCall")
            {
                _messages.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
