using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Commands;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.Silo.Settings;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Api.Tests.Commands;

/// <summary>A misspelled setting ends the start with one line that names the right one.</summary>
public sealed class MisspelledSettingsTests
{
    private const int Count = 200;

    // In shorter names, one letter can make the difference between two settings.
    private const int MinLength = 4;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    [Fact]
    public async Task Start_MisspelledSetting_NamesTheRightOne()
    {
        var random = new Random(1);
        var keys = UnknownSettings.Known(ApiServer.Sections).Keys("0").ToList();
        var isKnown = keys.Concat(keys.Select(static key => key.Split(':')[0])).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<string> wrong = [];
        for (var i = 0; i < Count; i++)
        {
            var parts = keys[random.Next(keys.Count)].Split(':');
            var place = random.Next(parts.Length);
            string[] mistyped = [.. parts];
            mistyped[place] = parts[place].Length < MinLength ? parts[place] : Misspell(parts[place], random);
            if (isKnown.Contains(string.Join(':', mistyped[..(place + 1)])))
            {
                // Too short, or still right.
                i--;
                continue;
            }

            var (code, error) = await StartAsync($"--{string.Join(':', mistyped)}=1");

            // Of a section that doesn't exist, one line is enough. A misspelled top section can be that of another program, so its settings count.
            var last = place == 0 ? parts.Length : place + 1;
            var (path, right) = (string.Join(':', mistyped[..last]), string.Join(':', parts[..last]));
            var start = $"{path}: unknown setting (argument). Did you mean ";
            if (code != 1 || !error.StartsWith(start, StringComparison.Ordinal) || !IsAsNear(error[start.Length..^(1 + Environment.NewLine.Length)], right, path))
            {
                wrong.Add($"{path} is {right}, but exit code {code}, and: {error.TrimEnd()}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Storage:Pth", "Storage:Path")]
    [InlineData("Strage:Provider", "Storage:Provider")]
    [InlineData("Admission:Default:TurnsPerMinut", "Limits:Default:TurnsPerMinute")]
    [InlineData("Models:Routes:0:ApiKey", "Models:Routes:0:Key")]
    [InlineData("GrpcPort", "Api:GrpcPort")]
    [InlineData("Grpc-Port", "Api:GrpcPort")]
    public async Task Start_CommonMistake_NamesTheRightSetting(string mistyped, string right)
    {
        foreach (var args in (string[][])[[$"--{mistyped}=1"], [$"--{mistyped}", "1"], [$"/{mistyped}=1"], [$"{mistyped}=1"]])
        {
            Assert.Equal((1, $"{mistyped}: unknown setting (argument). Did you mean {right}?{Environment.NewLine}"), await StartAsync(args));
        }
    }

    [Theory]
    [InlineData("--Kestrel:Limits:MaxConcurrentConnections=1")]
    [InlineData("--Logging:LogLevel:Default=None")]
    [InlineData("--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData("--Orleans:GrainStorage:Default:ProviderType=AzureBlobStorage")]
    [InlineData("--urls=http://127.0.0.1:1")]
    [InlineData("--environment=Development")]
    public async Task Start_SettingOfALibrary_Passes(string setting) => Assert.Equal((1, $"Started.{Environment.NewLine}"), await StartAsync(setting));

    private static async Task<(int Code, string Error)> StartAsync(params string[] args)
    {
        await using var error = new StringWriter();
        var program = new ServerProgram("A server.", ApiOptions.SectionName, static settings =>
        {
            ApiServer.CheckSettings(new ConfigurationBuilder().AddCommandLine(settings).Build());
            throw new CommandException("Started.");
        });
        return (await ServerRun.RunAsync(args, program, TextWriter.Null, error), error.ToString());
    }

    // Two keys can be equally near.
    private static bool IsAsNear(string suggestion, string right, string mistyped) =>
        suggestion == right || NearestName.Distance(suggestion, mistyped) <= NearestName.Distance(right, mistyped);

    private static string Misspell(string name, Random random)
    {
        var i = random.Next(1, name.Length);
        var letter = Letters[random.Next(Letters.Length)];
        return random.Next(4) switch
        {
            0 => name.Remove(i, 1),
            1 => name.Insert(i, letter.ToString()),
            2 => $"{name[..(i - 1)]}{name[i]}{name[i - 1]}{name[(i + 1)..]}",
            _ => $"{name[..i]}{letter}{name[(i + 1)..]}",
        };
    }
}
