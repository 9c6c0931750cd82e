using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Tests.Routing;

public sealed class RouteRulesTests
{
    [Theory]
    [InlineData("Retry:MaxAttempts", "0", "between 1 and 100")]
    [InlineData("Retry:MaxAttempts", "101", "between 1 and 100")]
    [InlineData("Retry:BaseDelay", "-00:00:01", "between 00:00:00 and 1.00:00:00")]
    [InlineData("Retry:BaseDelay", "00:02:00", "at least Retry:BaseDelay (00:02:00)", "Retry:MaxDelay", "00:01:00")]
    [InlineData("Retry:MaxDelay", "00:00:00.5", "at least Retry:BaseDelay (00:00:01)")]
    [InlineData("Retry:MaxDelay", "2.00:00:00", "between 00:00:00 and 1.00:00:00")]
    [InlineData("Retry:MaxEmptyRetries", "-1", "between 0 and 100")]
    [InlineData("Limits:MaxConcurrentCalls", "0", "between 1 and 1000000")]
    [InlineData("Limits:MaxCallsPerMinute", "0", "between 1 and 1000000")]
    [InlineData("Limits:MaxWaitingCalls", "-1", "between 0 and 1000000")]
    [InlineData("Timeouts:FirstChunk", "00:00:00", "greater than 0 and at most 1.00:00:00")]
    [InlineData("Timeouts:BetweenChunks", "-00:00:01", "greater than 0 and at most 1.00:00:00")]
    [InlineData("Timeouts:Total", "1.00:00:01", "greater than 0 and at most 1.00:00:00")]
    [InlineData("CircuitBreaker:FailureRatio", "0", "greater than 0 and at most 1")]
    [InlineData("CircuitBreaker:FailureRatio", "1.5", "greater than 0 and at most 1")]
    [InlineData("CircuitBreaker:MinimumThroughput", "1", "between 2 and 1000000")]
    [InlineData("CircuitBreaker:SamplingDuration", "00:00:00.1", "between 00:00:00.5000000 and 1.00:00:00")]
    [InlineData("CircuitBreaker:BreakDuration", "00:00:00.1", "between 00:00:00.5000000 and 1.00:00:00")]
    [InlineData("Model", "gemini *", "a model name without spaces, '?', or '*'")]
    public void Validate_BadValue_SaysKeyValueAndRule(string key, string value, string rule, string? shownKey = null, string? shownValue = null)
    {
        var failure = Assert.Single(Fail(("Models:Routes:0:Provider", "echo"), ($"Models:Routes:0:{key}", value)));

        var shown = TimeSpan.TryParse(shownValue ?? value, out var time) && value.Contains(':', StringComparison.Ordinal) ? $"{time}" : value;
        Assert.Equal($"Models:Routes:0:{shownKey ?? key}: invalid value '{shown}'. Expected: {rule}.", failure);
    }

    [Theory]
    [InlineData("Targets:1:Provider", "oracle", "Models:Routes:0:Targets:1:Provider: invalid value 'oracle'. Expected: one of echo, ")]
    [InlineData("Targets:1:BaseUrl", "http://u:secret@host/?secret", "Models:Routes:0:Targets:1:BaseUrl: invalid value 'http://host/'. Expected: an absolute")]
    [InlineData("Targets:1:Key", "secret key", "Models:Routes:0:Targets:1:Key: invalid value (hidden). Expected: visible")]
    [InlineData("Targets:0:Timeout", "00:00:00", "Models:Routes:0:Targets:0:Timeout: invalid value '00:00:00'. Expected: greater than 0")]
    [InlineData("Provider", "echo", "Models:Routes:0:Provider: can't be combined with Targets; set it on each target.")]
    [InlineData("Key", "secret", "Models:Routes:0:Key: can't be combined with Targets; set it on each target.")]
    [InlineData("BaseUrl", "http://u:secret@host/", "Models:Routes:0:BaseUrl: can't be combined with Targets; set it on each target.")]
    public void Validate_BadTarget_SaysKeyValueAndRule(string key, string value, string expected)
    {
        var failure = Assert.Single(Fail(
            ("Models:Routes:0:Targets:0:Provider", "echo"), ("Models:Routes:0:Targets:1:Provider", "gemini"), ($"Models:Routes:0:{key}", value)));

        Assert.StartsWith(expected, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void TryResolve_RouteWithTargets_HasThemInOrderWithTheirSettings()
    {
        using var services = Build(
            ("Models:Routes:0:Name", "chat-*"),
            ("Models:Routes:0:Targets:0:Provider", "gemini"), ("Models:Routes:0:Targets:0:Model", "gemini-2.5-flash"),
            ("Models:Routes:0:Targets:1:Provider", "echo"),
            ("Models:Routes:0:Retry:MaxAttempts", "3"),
            ("Models:Routes:0:Limits:MaxConcurrentCalls", "7"),
            ("Models:Routes:0:Timeouts:Total", "00:01:00"),
            ("Models:Routes:0:CircuitBreaker:FailureRatio", "0.25"));
        var route = Assert.Single(services.GetRequiredService<IOptions<ModelsOptions>>().Value.Routes);

        Assert.True(services.GetRequiredService<IChatModels>().TryResolve("chat-1", out var model));

        Assert.Equal(["gemini", "echo"], Assert.IsType<RouteModel>(model).Targets.Select(target => target.Provider));
        Assert.Equal(["gemini-2.5-flash", null], route.Targets.Select(target => target.Model));
        Assert.Equal(new RetryOptions { MaxAttempts = 3 }, route.Retry);
        Assert.Equal(new CallLimitOptions { MaxConcurrentCalls = 7 }, route.Limits);
        Assert.Equal(new CallTimeoutOptions { Total = TimeSpan.FromMinutes(1) }, route.Timeouts);
        Assert.Equal(new CircuitBreakerOptions { FailureRatio = 0.25 }, route.CircuitBreaker);
    }

    [Fact]
    public void ToString_RouteWithTargets_ShowsNoKey()
    {
        var route = new ModelRoute { Name = "n", Targets = [new ModelTarget { Provider = "p", Model = "m", Key = "secret" }] };

        Assert.Equal("n -> p m", route.ToString());
    }

    private static IEnumerable<string> Fail(params (string Key, string Value)[] settings)
    {
        using var services = Build([("Models:Routes:0:Name", "any"), .. settings]);
        return Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate()).Failures;
    }

    private static ServiceProvider Build(params (string Key, string Value)[] settings) =>
        new ServiceCollection()
            .AddChatModels(new ConfigurationBuilder()
                .AddInMemoryCollection(
                    settings.GroupBy(setting => setting.Key).ToDictionary(group => group.Key, group => (string?)group.Last().Value))
                .Build())
            .BuildServiceProvider();
}
