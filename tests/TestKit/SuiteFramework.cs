using Xunit.Abstractions;
using Xunit.Sdk;

namespace GenAI.Chats.TestKit;

/// <summary>A class whose tests run only in <c>./test --long</c>, in an assembly with <see cref="SuiteFramework"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LongClassAttribute : Attribute;

/// <summary>xUnit's test framework, without the classes of long runs in others.</summary>
public sealed class SuiteFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <inheritdoc/>
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo) =>
        new Discoverer(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Discoverer(IAssemblyInfo assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkDiscoverer(assembly, sources, messages)
    {
        protected override bool IsValidTestClass(ITypeInfo type) =>
            base.IsValidTestClass(type) && (Suite.IsLong || !type.GetCustomAttributes(typeof(LongClassAttribute)).Any());
    }
}
