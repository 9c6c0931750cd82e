using System.Net.Sockets;
using System.Text.RegularExpressions;
using GenAI.Chats.Silo.Commands;
using Microsoft.AspNetCore.Connections;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Describes startup errors that the operator can fix. Others are defects, which keep their stack trace.</summary>
internal static partial class StartFailure
{
    // Throws a general exception for values that can't be converted to a setting's type.
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    /// <summary>Describes an error, one line for each problem. Returns null for a defect.</summary>
    /// <param name="failure">The exception.</param>
    /// <param name="section">The configuration section with the program's ports.</param>
    public static string? Explain(Exception failure, string section)
    {
        switch (failure)
        {
            case OptionsValidationException invalid:
                return string.Join(Environment.NewLine, invalid.Failures);
            case AggregateException { InnerExceptions: var several }:
                var explanations = several.Select(one => Explain(one, section)).ToList();
                return explanations.Contains(null) ? null : string.Join(Environment.NewLine, explanations.Distinct());
            case InvalidOperationException { Source: Binder }:
                return Conversion.Match(failure.Message) is { Success: true, Groups: var found }
                    ? SettingsCheck.Describe(found["key"].Value, found["value"].Value, RuleOf(found["type"].Value))
                    : failure.Message;
            case InvalidDataException { InnerException: FormatException { InnerException: var cause } format }:
                return OneLine($"{failure.Message} {(cause ?? format).Message}");
            case CommandException or ChatStoreException or ClusterException or OrleansConfigurationException:
                return OneLine(failure.Message);
            case IOException { InnerException: AddressInUseException }:
                return $"{failure.Message} Choose another port with --{section}:{(section == SiloServerOptions.SectionName ? nameof(SiloServerOptions.HealthGrpcPort) : "GrpcPort")}=PORT or --{section}:HttpPort=PORT (0: any free port).";
            case AddressInUseException:
                return $"Can't bind Orleans:SiloPort or Orleans:GatewayPort on Orleans:AdvertisedAddress: {failure.Message}. Use port 0 for any free port.";
            case SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AccessDenied } when failure.StackTrace?.Contains(Kestrel, StringComparison.Ordinal) == true:
                return $"Can't listen on the address or ports of section {section}: {failure.Message}.";
            case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AccessDenied }:
                return $"Can't bind Orleans:SiloPort or Orleans:GatewayPort on Orleans:AdvertisedAddress: {failure.Message}. Use port 0 for any free port.";
            default:
                return null;
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string RuleOf(string type) => type switch
    {
        "System.Boolean" => "true or false",
        "System.Double" => "a number",
        "System.Int32" or "System.Int64" => "a whole number",
        "System.TimeSpan" => "a duration, for example 00:00:30",
        _ when AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(type)).FirstOrDefault(static one => one is { IsEnum: true }) is { } found =>
            $"one of {string.Join(", ", Enum.GetNames(found))}",
        _ => type,
    };

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']*)' to type '(?<type>[^']*)'", RegexOptions.Singleline)]
    private static partial Regex Conversion { get; }
}
